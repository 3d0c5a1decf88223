package io.registry.web.v1;

import io.registry.auth.AccessPolicy;
import io.registry.auth.Action;
import io.registry.auth.Caller;
import io.registry.auth.Decision;
import io.registry.image.Checksum;
import io.registry.image.ImageId;
import io.registry.image.PushRights;
import io.registry.image.Pusher;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;

/** Tells clients that push from one another, and what each may know of. */
@Component
class Pushers {
  private final AccessPolicy policy;

  Pushers(AccessPolicy policy) {
    this.policy = policy;
  }

  /**
   * Who sends a request. V1 has no sessions, but daemons send the token of their push with each
   * request of it, and no two pushes get the same token.
   */
  Pusher of(HttpServletRequest request, Caller caller) {
    return new Pusher(
        String.join(
            "\n",
            request.getRemoteAddr(),
            String.valueOf(request.getHeader("X-Forwarded-For")),
            String.valueOf(request.getHeader("X-Real-IP")),
            String.valueOf(request.getHeader(HttpHeaders.USER_AGENT)),
            String.valueOf(request.getHeader(HttpHeaders.AUTHORIZATION))),
        caller instanceof Caller.Unchecked ? PushRights.OPEN : new Rights(policy, caller));
  }

  private record Rights(AccessPolicy policy, Caller caller) implements PushRights {
    @Override
    public boolean isOpen() {
      return false;
    }

    @Override
    public boolean mayRead(ImageId image) {
      return policy.decide(caller, image, Action.READ) == Decision.ALLOWED;
    }

    @Override
    public boolean mayBuildOn(ImageId parent) {
      return policy.mayBuildOn(caller, parent);
    }

    @Override
    public void sent(ImageId image, Checksum layer) {
      policy.sent(caller, image, layer);
    }

    @Override
    public boolean hasSent(ImageId image, Checksum layer) {
      return policy.hasSent(caller, image, layer);
    }

    @Override
    public void received(ImageId image) {
      policy.received(caller, image);
    }
  }
}
