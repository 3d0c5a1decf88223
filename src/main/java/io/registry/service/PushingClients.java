package io.registry.service;

import io.registry.access.auth.AccessPolicy;
import io.registry.access.auth.AccessRecorder;
import io.registry.access.auth.Action;
import io.registry.access.auth.AuditActor;
import io.registry.access.auth.Caller;
import io.registry.access.auth.Decision;
import io.registry.content.image.ImageId;
import io.registry.content.image.PushRights;
import io.registry.content.image.Pusher;
import io.registry.content.repository.RepositoryName;
import java.util.List;
import org.springframework.stereotype.Component;

/** Identifies pushing clients, and determines which images each may know of. */
@Component
public class PushingClients {
  private final AccessPolicy policy;
  private final AccessRecorder recorder;

  PushingClients(AccessPolicy policy, AccessRecorder recorder) {
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

  /**
   * The client of a push to a repository, where each request names the repository and the server
   * verifies the bytes of all images (V2). Notes the repository as {@link
   * RepositoryService#announce} does, so it is called where a push of V2 changes what readers see.
   *
   * <p>The images that the client completes belong to the repository from then on. Whose upload it
   * is does not depend on the token: a client may get another one within a push.
   *
   * @param repository the repository, which need not exist
   * @param caller the sender, who may write the repository
   * @param address the address that the request comes from
   */
  public Pusher into(RepositoryName repository, Caller caller, String address) {
    recorder.announced(caller, repository, List.of());
    boolean unnamed =
        caller instanceof Caller.Unchecked
            || (caller instanceof Caller.Bearer bearer && bearer.grant().user().isEmpty());
    String client = unnamed ? address : AuditActor.of(caller, address).who();
    PushRights rights =
        caller instanceof Caller.Unchecked
            ? PushRights.OPEN
            : new VerifiedRights(policy, recorder, caller, repository);
    return new Pusher(String.join("\n", client, repository.toString()), client, rights);
  }

  /** Of a client whose images are verified from the base upwards before they are published. */
  private record VerifiedRights(
      AccessPolicy policy, AccessRecorder recorder, Caller caller, RepositoryName repository)
      implements PushRights {
    @Override
    public boolean isOpen() {
      return false;
    }

    @Override
    public boolean mayRead(ImageId image) {
      return policy.mayTag(caller, repository, image);
    }

    // The same push has shown the parent.
    @Override
    public boolean mayBuildOn(ImageId parent) {
      return true;
    }

    @Override
    public void completed(ImageId image) {
      recorder.received(repository, image);
    }
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
