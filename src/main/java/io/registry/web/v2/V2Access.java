package io.registry.web.v2;

import io.registry.access.auth.AccessPolicy;
import io.registry.access.auth.AccessRequest;
import io.registry.access.auth.Action;
import io.registry.access.auth.Audit;
import io.registry.access.auth.Caller;
import io.registry.access.auth.Decision;
import io.registry.access.auth.ExternalTokens;
import io.registry.content.repository.RepositoryName;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.service.TagService;
import io.registry.web.access.AccessFilters;
import io.registry.web.access.CallerResolver;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/** Who sends the requests of V2, and what they may do. */
@Component
@ConditionalOnV2
final class V2Access {
  private final V2AccessRequests requests;
  private final Optional<CallerResolver> callers;
  private final AccessPolicy policy;

  V2Access(
      AccessFilters filters,
      ObjectProvider<ExternalTokens> elsewhere,
      ObjectProvider<TokenDesk> desk,
      AccessPolicy policy,
      TagService tags,
      Audit audit) {
    this.requests = new V2AccessRequests(name -> tags.names(name).value().isPresent());
    this.policy = policy;
    Optional<ExternalTokens> external = elsewhere.stream().findFirst();
    this.callers =
        external.isPresent()
            ? external.map(found -> new ExternalCallers(filters.callers(), found))
            : filters.callers().map(any -> new V2Callers(desk.getObject(), audit));
  }

  /** What requests need permission for. */
  V2AccessRequests requests() {
    return requests;
  }

  /** The resolver of callers; nothing when every caller may do everything. */
  Optional<CallerResolver> callers() {
    return callers;
  }

  /**
   * Whether the sender of a request may read another repository than the one that the request
   * names, to mount a blob from it. A repository that does not exist cannot be read.
   *
   * @param request the request, whose bearer token may be for both repositories
   * @param caller its sender, as the filter has found it
   * @param other the other repository
   * @throws RegistryException {@code UNAVAILABLE} when that cannot be decided now
   */
  boolean mayRead(HttpServletRequest request, Caller caller, RepositoryName other) {
    AccessRequest target = new AccessRequest.OfRepository(other, Action.READ);
    try {
      return requests.decide(target, policy, sender(request, caller, target)) == Decision.ALLOWED;
    } catch (RegistryException e) {
      if (e.problem() == Problem.UNAUTHENTICATED) {
        return false;
      }
      throw e;
    }
  }

  // Only a token is for one repository. A signature must not be checked twice: it is valid once.
  private Caller sender(HttpServletRequest request, Caller caller, AccessRequest target) {
    return caller instanceof Caller.Bearer && callers.isPresent()
        ? callers.get().of(request, target)
        : caller;
  }
}
