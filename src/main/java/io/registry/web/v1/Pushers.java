package io.registry.web.v1;

import io.registry.auth.AccessPolicy;
import io.registry.auth.Action;
import io.registry.auth.AuditActor;
import io.registry.auth.Caller;
import io.registry.auth.Decision;
import io.registry.image.ImageId;
import io.registry.image.PushRights;
import io.registry.image.Pusher;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;

/** Identifies pushing clients, and determines which images each may know of. */
@Component
class Pushers {
  private final AccessPolicy policy;

  Pushers(AccessPolicy policy) {
    this.policy = policy;
  }

  /**
   * The client that sends a request. V1 has no sessions, but daemons send the same token with each
   * request of a push, and no two pushes have the same. In the mode without accounts, the client's
   * address is part of the identity too. Otherwise the identity consists of the account and, with a
   * token, the repository, whatever the address of the request.
   */
  Pusher of(HttpServletRequest request, Caller caller) {
    String address = request.getRemoteAddr();
    String authorization = header(request, HttpHeaders.AUTHORIZATION);
    if (caller instanceof Caller.Unchecked) {
      String sender =
          String.join(
              "\n",
              address,
              header(request, "X-Forwarded-For"),
              header(request, "X-Real-IP"),
              authorization);
      return new Pusher(sender, address, PushRights.OPEN);
    }
    String account = AuditActor.of(caller, address).who();
    String repository =
        caller instanceof Caller.Bearer bearer ? bearer.grant().repository().toString() : "";
    // A remote index need not tell the user of a token.
    boolean unnamed = caller instanceof Caller.Bearer bearer && bearer.grant().user().isEmpty();
    return new Pusher(
        String.join("\n", account, repository, authorization),
        unnamed ? address : account,
        new Rights(policy, caller));
  }

  private static String header(HttpServletRequest request, String name) {
    String value = request.getHeader(name);
    return value == null ? "" : value;
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
    public void completed(ImageId image) {
      policy.received(caller, image);
    }
  }
}
