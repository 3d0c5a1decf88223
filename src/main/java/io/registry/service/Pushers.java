package io.registry.service;

import io.registry.auth.AccessPolicy;
import io.registry.auth.AccessRecorder;
import io.registry.auth.Action;
import io.registry.auth.AuditActor;
import io.registry.auth.Caller;
import io.registry.auth.Decision;
import io.registry.image.ImageId;
import io.registry.image.PushRights;
import io.registry.image.Pusher;
import org.springframework.stereotype.Component;

/** Identifies pushing clients, and determines which images each may know of. */
@Component
public class Pushers {
  private final AccessPolicy policy;
  private final AccessRecorder recorder;

  Pushers(AccessPolicy policy, AccessRecorder recorder) {
    this.policy = policy;
    this.recorder = recorder;
  }

  /**
   * What a request shows of its sender.
   *
   * @param address the address that it comes from
   * @param forwardedFor what proxies say of the client, unchecked
   * @param realIp the same of another header
   * @param authorization the credentials as they came
   */
  public record Sender(String address, String forwardedFor, String realIp, String authorization) {}

  /**
   * The client that sends a request. V1 has no sessions, but daemons send the token of their push
   * with each request of it, and no two pushes get the same. Without accounts the address tells
   * clients apart, too; with accounts a client is an account, and with a token one repository, from
   * whatever address its requests come.
   */
  public Pusher of(Sender sender, Caller caller) {
    if (caller instanceof Caller.Unchecked) {
      String identity =
          String.join(
              "\n",
              sender.address(),
              sender.forwardedFor(),
              sender.realIp(),
              sender.authorization());
      return new Pusher(identity, sender.address(), PushRights.OPEN);
    }
    String account = AuditActor.of(caller, sender.address()).who();
    String repository =
        caller instanceof Caller.Bearer bearer ? bearer.grant().repository().toString() : "";
    // A remote index need not tell the user of a token.
    boolean unnamed = caller instanceof Caller.Bearer bearer && bearer.grant().user().isEmpty();
    return new Pusher(
        String.join("\n", account, repository, sender.authorization()),
        unnamed ? sender.address() : account,
        new Rights(policy, recorder, caller));
  }

  private record Rights(AccessPolicy policy, AccessRecorder recorder, Caller caller)
      implements PushRights {
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
      recorder.received(caller, image);
    }
  }
}
