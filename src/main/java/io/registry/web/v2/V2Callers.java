package io.registry.web.v2;

import io.registry.access.auth.Access;
import io.registry.access.auth.AccessRequest;
import io.registry.access.auth.AccessToken;
import io.registry.access.auth.Action;
import io.registry.access.auth.Audit;
import io.registry.access.auth.AuditActor;
import io.registry.access.auth.Caller;
import io.registry.platform.problem.RegistryException;
import io.registry.web.access.AccessFilter;
import io.registry.web.access.CallerResolver;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Optional;
import org.springframework.http.HttpHeaders;

/**
 * Finds out who sends a request of V2: by a bearer token, or else by what V1 takes too, such as a
 * name and a password. For a repository that a token is not for, its owner is an anonymous caller.
 */
final class V2Callers implements CallerResolver {
  private final TokenDesk desk;
  private final Audit audit;

  V2Callers(TokenDesk desk, Audit audit) {
    this.desk = desk;
    this.audit = audit;
  }

  @Override
  public Caller of(HttpServletRequest request, AccessRequest target) {
    // Clients log in where they are asked to: else they never see more than what is public.
    if (target instanceof AccessRequest.OfSearch && !showsCredentials(request)) {
      throw AccessFilter.unauthenticated();
    }
    return BearerToken.of(request)
        .map(token -> bearer(V2Tokens.split(token), target, request.getRemoteAddr()))
        .orElseGet(() -> desk.of(request, target));
  }

  private static boolean showsCredentials(HttpServletRequest request) {
    return request.getHeader(HttpHeaders.AUTHORIZATION) != null
        || request.getHeader("X-Signature") != null;
  }

  private Caller bearer(List<AccessToken> parts, AccessRequest target, String address) {
    Optional<AccessToken> signIn = V2Tokens.find(parts, V2Tokens.SIGN_IN, Access.READ);
    Optional<AccessToken> part =
        target instanceof AccessRequest.OfRepository wanted
            ? V2Tokens.find(parts, wanted.repository(), wanted.action().access())
            : Optional.empty();
    if (part.isPresent()) {
      return desk.holder(part.get(), signIn).orElseThrow(() -> refused(part.get(), address));
    }
    AccessToken proof = signIn.orElseThrow(AccessFilter::unauthenticated);
    Caller signedIn = desk.signedIn(proof).orElseThrow(() -> refused(proof, address));
    return target instanceof AccessRequest.OfRepository wanted
        ? withoutToken(signedIn, wanted)
        : signedIn;
  }

  // Who could get a token for this is asked to. Others are told that they may not, because some
  // clients would go on asking for tokens.
  private Caller withoutToken(Caller signedIn, AccessRequest.OfRepository wanted) {
    return wanted.action() != Action.READ
            && signedIn instanceof Caller.Account account
            && desk.lacks(account, wanted)
        ? account
        : new Caller.Anonymous();
  }

  private RegistryException refused(AccessToken token, String address) {
    AuditActor actor = AuditActor.of(new Caller.Anonymous(), address);
    audit.tokenRefused(actor, token.repository(), token.access(), "invalid");
    return AccessFilter.unauthenticated();
  }
}
