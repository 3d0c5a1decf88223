package io.registry.web.v1;

import io.registry.auth.AccessPolicy;
import io.registry.auth.Action;
import io.registry.auth.Audit;
import io.registry.auth.AuditActor;
import io.registry.auth.Caller;
import io.registry.auth.Decision;
import io.registry.image.ImageId;
import io.registry.problem.RegistryException;
import io.registry.repository.RepositoryName;
import jakarta.servlet.http.HttpServletResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.springframework.web.util.UriUtils;

/** What a request is about and what it wants to do, if that must be authorized. */
sealed interface V1Target {

  /** The action. */
  Action action();

  /** Asks the policy for a decision. */
  Decision decide(AccessPolicy policy, Caller caller);

  /** Records a refusal in the audit. */
  void record(Audit audit, AuditActor actor, Decision decision);

  /** A repository that the path names. */
  record OfRepository(RepositoryName repository, Action action) implements V1Target {
    @Override
    public Decision decide(AccessPolicy policy, Caller caller) {
      return policy.decide(caller, repository, action);
    }

    @Override
    public void record(Audit audit, AuditActor actor, Decision decision) {
      audit.accessRefused(actor, repository, action, decision);
    }
  }

  /** An image. The path does not name its repository. */
  record OfImage(ImageId image, Action action) implements V1Target {
    @Override
    public Decision decide(AccessPolicy policy, Caller caller) {
      return policy.decide(caller, image, action);
    }

    @Override
    public void record(Audit audit, AuditActor actor, Decision decision) {
      audit.accessRefused(actor, image, action, decision);
    }
  }

  /** A search: access is decided for each repository that is found. */
  record OfSearch() implements V1Target {
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

  /** The operation of the registry itself, to which no token grants access. */
  record OfUpkeep(String method, String path) implements V1Target {
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
      int status =
          decision == Decision.FORBIDDEN
              ? HttpServletResponse.SC_FORBIDDEN
              : HttpServletResponse.SC_UNAUTHORIZED;
      audit.administered(actor, method, path, status);
    }
  }

  /** The targets of requests that exist only with search enabled. */
  static Optional<V1Target> ofSearch(String method, String path) {
    if (method.equals("OPTIONS")) {
      return Optional.empty();
    }
    if (path.equals("/v1/search")) {
      return Optional.of(new OfSearch());
    }
    List<String> parts = List.of(path.split("/", -1));
    if (path.startsWith("/api/repositories/") && parts.size() > 4) {
      RepositoryName repository = new RepositoryName(decode(parts.get(3)), decode(parts.get(4)));
      return Optional.of(
          new OfRepository(repository, isReading(method) ? Action.READ : Action.ADMINISTER));
    }
    return path.startsWith("/api/") ? Optional.of(new OfUpkeep(method, path)) : Optional.empty();
  }

  /**
   * The target of a request.
   *
   * @param method the method
   * @param path the normalized path, percent-encoded
   * @return the target; empty when the request needs no authorization
   * @throws RegistryException when the path contains an invalid repository name
   */
  static Optional<V1Target> of(String method, String path) {
    if (method.equals("OPTIONS")) {
      return Optional.empty();
    }
    List<String> parts = List.of(path.split("/", -1));
    if (path.startsWith("/v1/repositories/") && parts.size() > 4) {
      RepositoryName repository = new RepositoryName(decode(parts.get(3)), decode(parts.get(4)));
      return Optional.of(
          new OfRepository(repository, action(method, parts.subList(5, parts.size()))));
    }
    if (path.startsWith("/v1/images/")) {
      return ImageId.find(parts.get(3))
          .map(image -> new OfImage(image, isReading(method) ? Action.READ : Action.WRITE));
    }
    return Optional.empty();
  }

  private static Action action(String method, List<String> rest) {
    if (isReading(method)) {
      return Action.READ;
    }
    if (method.equals("DELETE")) {
      boolean tag = rest.size() > 1 && rest.get(0).equals("tags");
      return tag ? Action.DELETE_TAG : Action.DELETE_REPOSITORY;
    }
    return rest.equals(List.of("properties")) ? Action.ADMINISTER : Action.WRITE;
  }

  private static boolean isReading(String method) {
    return method.equals("GET") || method.equals("HEAD");
  }

  private static String decode(String segment) {
    return UriUtils.decode(segment, StandardCharsets.UTF_8);
  }
}
