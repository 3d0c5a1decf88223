package io.registry.web.v2;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.registry.access.auth.AccessPolicy;
import io.registry.access.auth.AccessRequest;
import io.registry.access.auth.Action;
import io.registry.access.auth.AuditActor;
import io.registry.access.auth.Caller;
import io.registry.access.auth.Decision;
import io.registry.content.repository.RepositoryName;
import io.registry.web.access.AccessRequests;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.springframework.http.server.PathContainer;
import org.springframework.http.server.PathContainer.PathSegment;
import org.springframework.web.util.UriUtils;

/**
 * Determines the permission that a request of V2 needs. {@code GET} and {@code HEAD} read, every
 * other method writes, and {@code DELETE} removes a tag, a manifest or a blob. An upload session
 * belongs to a push, whatever the method: so a push may also ask for its state and end it.
 */
final class V2AccessRequests implements AccessRequests {
  /** Where clients get tokens: who asks is found out there. */
  static final String TOKEN = V2Path.BASE + "token";

  /** Where the repositories are listed that the client may read. */
  static final String CATALOG = V2Path.BASE + "_catalog";

  private static final List<String> UPLOADS = List.of("blobs", "uploads");
  private static final Duration REMEMBERED_FOR = Duration.ofMinutes(1);
  private static final int MAX_REMEMBERED = 10_000;

  private final Predicate<RepositoryName> exists;
  private final Cache<Seen, Boolean> seen =
      Caffeine.newBuilder().maximumSize(MAX_REMEMBERED).expireAfterWrite(REMEMBERED_FOR).build();

  /** A repository that was there when a caller could read it. */
  private record Seen(String caller, RepositoryName repository) {}

  /**
   * Requests.
   *
   * @param exists tells whether there is a repository
   */
  V2AccessRequests(Predicate<RepositoryName> exists) {
    this.exists = exists;
  }

  @Override
  public Optional<AccessRequest> of(String method, String path) {
    if (method.equals("OPTIONS") || path.equals(TOKEN)) {
      return Optional.empty();
    }
    if (path.equals(V2Path.BASE)) {
      return Optional.of(new AccessRequest.OfSignIn());
    }
    if (path.equals(CATALOG)) {
      return Optional.of(new AccessRequest.OfSearch());
    }
    String rest = path.substring(V2Path.BASE.length());
    int end = rest.indexOf('/');
    if (end <= 0) {
      return Optional.empty();
    }
    String name = UriUtils.decode(rest.substring(0, end), StandardCharsets.UTF_8);
    return Optional.of(
        new AccessRequest.OfRepository(
            V2Names.repository(name), action(method, rest.substring(end))));
  }

  /**
   * What a request would do with a repository.
   *
   * @param method the method
   * @param afterName the path behind the name, percent-encoded
   */
  static Action action(String method, String afterName) {
    if (isUpload(afterName)) {
      return Action.WRITE;
    }
    return switch (method) {
      case "GET", "HEAD" -> Action.READ;
      case "DELETE" -> Action.DELETE_TAG;
      default -> Action.WRITE;
    };
  }

  // Compares what the router compares: segments without their parameters, decoded.
  private static boolean isUpload(String afterName) {
    return PathContainer.parsePath(afterName).elements().stream()
        .filter(PathSegment.class::isInstance)
        .map(element -> ((PathSegment) element).valueToMatch())
        .limit(UPLOADS.size())
        .toList()
        .equals(UPLOADS);
  }

  // Otherwise a client could tell a private repository from a missing one, where repositories are
  // public by default. Who may write or delete is decided without a look at the repository.
  @Override
  public Decision decide(AccessRequest target, AccessPolicy policy, Caller caller) {
    Decision decision = target.decide(policy, caller);
    if (decision != Decision.ALLOWED
        || !(target instanceof AccessRequest.OfRepository of)
        || of.action() != Action.READ
        || isThere(caller, of.repository())) {
      return decision;
    }
    return caller instanceof Caller.Anonymous ? Decision.UNAUTHENTICATED : Decision.HIDDEN;
  }

  // A caller who could read the repository a minute ago learns nothing by an outdated yes.
  private boolean isThere(Caller caller, RepositoryName repository) {
    Seen now = new Seen(AuditActor.of(caller, "").who(), repository);
    if (seen.getIfPresent(now) != null) {
      return true;
    }
    boolean found = exists.test(repository);
    if (found) {
      seen.put(now, true);
    }
    return found;
  }

  /** Tells whether the router found the repository that the access filter decided about. */
  static boolean isDecided(Optional<AccessRequest> decided, Map<?, ?> variables) {
    Object name = variables.get("name");
    return name == null
        ? decided.isPresent()
        : decided.orElse(null) instanceof AccessRequest.OfRepository of
            && of.repository().equals(V2Names.repository(name.toString()));
  }
}
