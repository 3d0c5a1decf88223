package io.registry.web.v2;

import io.registry.auth.AccessRequest;
import io.registry.auth.Caller;
import io.registry.auth.Grant;
import io.registry.auth.TokenHeader;
import io.registry.auth.TokenVerifier;
import io.registry.web.access.AccessFilter;
import io.registry.web.access.CallerResolver;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import org.springframework.http.HttpHeaders;

/**
 * Finds out who sends a request of V2: by a bearer token, or else by what V1 takes too, such as a
 * name and a password.
 */
final class V2Callers implements CallerResolver {
  private static final String SCHEME = "bearer ";

  private final CallerResolver others;
  private final TokenVerifier tokens;

  V2Callers(CallerResolver others, TokenVerifier tokens) {
    this.others = others;
    this.tokens = tokens;
  }

  @Override
  public Caller of(HttpServletRequest request, AccessRequest target) {
    String header = request.getHeader(HttpHeaders.AUTHORIZATION);
    if (header == null || !header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return others.of(request, target);
    }
    List<TokenHeader.Claim> claims = V2Tokens.claims(header.substring(SCHEME.length()).strip());
    TokenHeader.Claim claim =
        (target instanceof AccessRequest.OfRepository wanted
                ? V2Tokens.find(claims, wanted.repository())
                : V2Tokens.signIn(claims))
            .orElseThrow(AccessFilter::unauthenticated);
    Grant grant = tokens.verify(claim.token()).orElseThrow(AccessFilter::unauthenticated);
    if (target instanceof AccessRequest.OfRepository) {
      return new Caller.Bearer(claim.token(), grant);
    }
    // The token names no repository of the client's: what its account may see is asked for.
    return grant.user().isEmpty()
        ? new Caller.Anonymous()
        : new Caller.Account(grant.user(), false);
  }
}
