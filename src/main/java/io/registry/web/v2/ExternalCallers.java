package io.registry.web.v2;

import io.registry.access.auth.AccessRequest;
import io.registry.access.auth.Caller;
import io.registry.access.auth.ExternalTokens;
import io.registry.web.access.AccessFilter;
import io.registry.web.access.CallerResolver;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;

/**
 * Finds out who sends a request of V2 where a token service elsewhere says who may do what: by its
 * tokens, and by privileged keys.
 */
final class ExternalCallers implements CallerResolver {
  private final Optional<CallerResolver> others;
  private final ExternalTokens tokens;

  ExternalCallers(Optional<CallerResolver> others, ExternalTokens tokens) {
    this.others = others;
    this.tokens = tokens;
  }

  @Override
  public Caller of(HttpServletRequest request, AccessRequest target) {
    if (others.isPresent()
        && request.getHeader("X-Signature") != null
        && others.get().of(request, target) instanceof Caller.Privileged privileged) {
      return privileged;
    }
    return BearerToken.of(request)
        .flatMap(token -> tokens.read(token, request.getRemoteAddr()))
        .filter(caller -> !(target instanceof AccessRequest.OfSearch) || caller.catalog())
        .orElseThrow(AccessFilter::unauthenticated);
  }
}
