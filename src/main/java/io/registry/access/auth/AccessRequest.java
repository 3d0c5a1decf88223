package io.registry.access.auth;

import io.registry.content.image.ImageId;
import io.registry.content.repository.RepositoryName;

/**
 * What a request asks for: a repository or an image, and the action on it. Each protocol reads it
 * from its own paths.
 */
public sealed interface AccessRequest {

  /** What is wanted. */
  Action action();

  /** Decides whether the caller may do it. */
  Decision decide(AccessPolicy policy, Caller caller);

  /** Records a refusal in the audit. */
  void record(Audit audit, AuditActor actor, Decision decision);

  /**
   * Of a repository.
   *
   * @param repository the repository, which need not exist
   * @param action what is wanted
   */
  record OfRepository(RepositoryName repository, Action action) implements AccessRequest {
    @Override
    public Decision decide(AccessPolicy policy, Caller caller) {
      return policy.decide(caller, repository, action);
    }

    @Override
    public void record(Audit audit, AuditActor actor, Decision decision) {
      audit.accessRefused(actor, repository, action, decision);
    }
  }

  /**
   * Of an image, where nothing tells of which repository.
   *
   * @param image the image, which need not exist
   * @param action what is wanted
   */
  record OfImage(ImageId image, Action action) implements AccessRequest {
    @Override
    public Decision decide(AccessPolicy policy, Caller caller) {
      return policy.decide(caller, image, action);
    }

    @Override
    public void record(Audit audit, AuditActor actor, Decision decision) {
      audit.accessRefused(actor, image, action, decision);
    }
  }

  /** Of no repository in particular: what may be told is decided for each that is found. */
  record OfSearch() implements AccessRequest {
    @Override
    public Action action() {
      return Action.READ;
    }

    @Override
    public Decision decide(AccessPolicy policy, Caller caller) {
      return Decision.ALLOWED;
    }

    @Override
    public void record(Audit audit, AuditActor actor, Decision decision) {}
  }

  /** Of nothing but that the client has signed in. */
  record OfSignIn() implements AccessRequest {
    @Override
    public Action action() {
      return Action.READ;
    }

    @Override
    public Decision decide(AccessPolicy policy, Caller caller) {
      return caller instanceof Caller.Anonymous ? Decision.UNAUTHENTICATED : Decision.ALLOWED;
    }

    @Override
    public void record(Audit audit, AuditActor actor, Decision decision) {}
  }

  /**
   * Of the registry itself, which no token is for.
   *
   * @param method the method of the request, for the audit
   * @param path the path of the request, for the audit
   */
  record OfUpkeep(String method, String path) implements AccessRequest {
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;

    @Override
    public Action action() {
      return Action.ADMINISTER;
    }

    @Override
    public Decision decide(AccessPolicy policy, Caller caller) {
      if (caller instanceof Caller.Privileged) {
        return Decision.ALLOWED;
      }
      return caller instanceof Caller.Account account
          ? account.admin() ? Decision.ALLOWED : Decision.FORBIDDEN
          : Decision.UNAUTHENTICATED;
    }

    @Override
    public void record(Audit audit, AuditActor actor, Decision decision) {
      int status = decision == Decision.FORBIDDEN ? FORBIDDEN : UNAUTHORIZED;
      audit.administered(actor, method, path, status);
    }
  }
}
