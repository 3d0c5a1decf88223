package io.registry.web.access;

import io.registry.access.auth.AccessRequest;
import io.registry.access.auth.AccessToken;
import io.registry.access.auth.Audit;
import io.registry.access.auth.AuditActor;
import io.registry.access.auth.Caller;
import io.registry.access.auth.TokenHeader;
import io.registry.access.auth.TokenVerifier;
import io.registry.platform.problem.RegistryException;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.springframework.http.HttpHeaders;

/** Authenticates requests by their {@code Authorization} header (protocol 4.1, 4.7). */
final class CheckedCallers implements CallerResolver {
  private final TokenVerifier tokens;
  private final Optional<BasicSignIn> accounts;
  private final Audit audit;

  /**
   * Creates the resolver.
   *
   * @param tokens verifies tokens
   * @param accounts checks names and passwords, in modes with accounts
   * @param audit records refused tokens
   */
  CheckedCallers(TokenVerifier tokens, Optional<BasicSignIn> accounts, Audit audit) {
    this.audit = audit;
    this.tokens = tokens;
    this.accounts = accounts;
  }

  @Override
  public Caller of(HttpServletRequest request, AccessRequest target) {
    List<String> headers = Collections.list(request.getHeaders(HttpHeaders.AUTHORIZATION));
    if (headers.isEmpty()) {
      return new Caller.Anonymous();
    }
    if (headers.size() > 1) {
      throw AccessFilter.unauthenticated();
    }
    TokenHeader header = TokenHeader.parse(headers.get(0));
    if (header instanceof TokenHeader.Claim claim) {
      return bearer(claim.token(), target, request.getRemoteAddr());
    }
    if (header instanceof TokenHeader.Foreign && accounts.isPresent()) {
      return accounts
          .get()
          .signIn(request)
          .<Caller>map(account -> account)
          .orElseGet(Caller.Anonymous::new);
    }
    if (header instanceof TokenHeader.Bare) {
      return new Caller.Anonymous();
    }
    throw AccessFilter.unauthenticated();
  }

  // Refused cheaply first: a token that is for something else is not shown to the index.
  private Caller bearer(AccessToken token, AccessRequest target, String address) {
    if (!token.access().covers(target.action().access())
        || (target instanceof AccessRequest.OfRepository wanted
            && !wanted.repository().equals(token.repository()))) {
      throw refused(token, address, "elsewhere");
    }
    return tokens
        .verify(token)
        .map(grant -> new Caller.Bearer(token, grant))
        .orElseThrow(() -> refused(token, address, "invalid"));
  }

  private RegistryException refused(AccessToken token, String address, String reason) {
    AuditActor actor = AuditActor.of(new Caller.Anonymous(), address);
    audit.tokenRefused(actor, token.repository(), token.access(), reason);
    return AccessFilter.unauthenticated();
  }
}
