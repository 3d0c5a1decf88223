package io.registry.web.v2;

import io.registry.auth.AccessPolicy;
import io.registry.auth.AccessRequest;
import io.registry.auth.Action;
import io.registry.auth.Caller;
import io.registry.auth.Decision;
import io.registry.repository.RepositoryName;
import io.registry.web.access.AccessRequests;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.springframework.web.util.UriUtils;

/** What the requests of V2 need permission for. Every request of V2 reads. */
final class V2AccessRequests implements AccessRequests {
  /** Where clients get tokens: who asks is found out there. */
  static final String TOKEN = V2Path.BASE + "token";

  /** Where the repositories are listed that the client may read. */
  static final String CATALOG = V2Path.BASE + "_catalog";

  private final Predicate<RepositoryName> exists;

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
    return Optional.of(new AccessRequest.OfRepository(V2Names.repository(name), Action.READ));
  }

  // Otherwise a client could tell a private repository from a missing one, where repositories are
  // public by default.
  @Override
  public Decision decide(AccessRequest target, AccessPolicy policy, Caller caller) {
    Decision decision = target.decide(policy, caller);
    if (decision != Decision.ALLOWED
        || !(target instanceof AccessRequest.OfRepository of)
        || exists.test(of.repository())) {
      return decision;
    }
    return caller instanceof Caller.Anonymous ? Decision.UNAUTHENTICATED : Decision.HIDDEN;
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
