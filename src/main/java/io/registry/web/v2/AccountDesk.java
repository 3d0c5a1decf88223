package io.registry.web.v2;

import io.registry.auth.Access;
import io.registry.auth.AccessRequest;
import io.registry.auth.AccessToken;
import io.registry.auth.Caller;
import io.registry.auth.ConditionalOnIndexMode;
import io.registry.auth.IndexMode;
import io.registry.auth.SignIn;
import io.registry.auth.TokenIssuer;
import io.registry.auth.TokenVerifier;
import io.registry.repository.RepositoryName;
import io.registry.web.access.CallerResolver;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/**
 * Gives tokens to the accounts of this registry, for whatever they ask: what a token allows is
 * decided when it is shown.
 */
@Component
@ConditionalOnV2
@ConditionalOnIndexMode(IndexMode.EMBEDDED)
final class AccountDesk implements TokenDesk {
  private final CallerResolver callers;
  private final TokenIssuer issuer;
  private final TokenVerifier tokens;
  private final SignIn accounts;

  AccountDesk(CallerResolver callers, TokenIssuer issuer, TokenVerifier tokens, SignIn accounts) {
    this.callers = callers;
    this.issuer = issuer;
    this.tokens = tokens;
    this.accounts = accounts;
  }

  @Override
  public Caller of(HttpServletRequest request, AccessRequest target) {
    return callers.of(request, target);
  }

  @Override
  public List<AccessToken> issue(
      Caller caller, String authorization, Set<RepositoryName> repositories) {
    return Stream.concat(Stream.of(V2Tokens.SIGN_IN), repositories.stream())
        .map(each -> issuer.issue(caller, each, Access.READ))
        .flatMap(text -> AccessToken.parse("Token " + text).stream())
        .toList();
  }

  // A token that was given to an anonymous caller makes its holder no other caller.
  @Override
  public Optional<Caller> holder(AccessToken token) {
    return tokens
        .verify(token)
        .map(
            grant ->
                grant.user().isEmpty() ? new Caller.Anonymous() : new Caller.Bearer(token, grant));
  }

  @Override
  public Optional<Caller> signedIn(AccessToken token) {
    return tokens
        .verify(token)
        .flatMap(
            grant ->
                grant.user().isEmpty()
                    ? Optional.of(new Caller.Anonymous())
                    : accounts.current(grant.user()));
  }

  @Override
  public Duration lifetime() {
    return issuer.lifetime();
  }
}
