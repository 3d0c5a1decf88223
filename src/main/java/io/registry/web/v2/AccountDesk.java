package io.registry.web.v2;

import io.registry.access.auth.Access;
import io.registry.access.auth.AccessPolicy;
import io.registry.access.auth.AccessRequest;
import io.registry.access.auth.AccessToken;
import io.registry.access.auth.Action;
import io.registry.access.auth.Caller;
import io.registry.access.auth.ConditionalOnIndexMode;
import io.registry.access.auth.Decision;
import io.registry.access.auth.IndexMode;
import io.registry.access.auth.SignIn;
import io.registry.access.auth.TokenHeader;
import io.registry.access.auth.TokenIssuer;
import io.registry.access.auth.TokenVerifier;
import io.registry.content.repository.RepositoryName;
import io.registry.web.access.CallerResolver;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/**
 * Gives tokens to the accounts of this registry. What a token allows is decided once more when it
 * is shown.
 */
@Component
@ConditionalOnV2
@ConditionalOnIndexMode(IndexMode.EMBEDDED)
final class AccountDesk implements TokenDesk {
  private final CallerResolver callers;
  private final TokenIssuer issuer;
  private final TokenVerifier tokens;
  private final SignIn accounts;
  private final AccessPolicy policy;

  AccountDesk(
      CallerResolver callers,
      TokenIssuer issuer,
      TokenVerifier tokens,
      SignIn accounts,
      AccessPolicy policy) {
    this.callers = callers;
    this.issuer = issuer;
    this.tokens = tokens;
    this.accounts = accounts;
    this.policy = policy;
  }

  @Override
  public Caller of(HttpServletRequest request, AccessRequest target) {
    return callers.of(request, target);
  }

  @Override
  public List<AccessToken> issue(
      Caller caller, String authorization, Map<RepositoryName, Set<Access>> wanted) {
    // A signature is for one request, and no token is given for it.
    Caller holder = caller instanceof Caller.Privileged ? new Caller.Anonymous() : caller;
    return Stream.concat(
            token(holder, V2Tokens.SIGN_IN, Access.READ),
            wanted.entrySet().stream()
                .flatMap(
                    each ->
                        granted(holder, each.getKey(), each.getValue())
                            .flatMap(access -> token(holder, each.getKey(), access)))
                .limit(V2Tokens.MAX_TOKENS))
        .toList();
  }

  private Stream<AccessToken> token(Caller holder, RepositoryName repository, Access access) {
    return TokenHeader.token("Token " + issuer.issue(holder, repository, access)).stream();
  }

  private Stream<Access> granted(Caller holder, RepositoryName repository, Set<Access> wanted) {
    Set<Access> granted = EnumSet.noneOf(Access.class);
    if (wanted.contains(Access.WRITE) && may(holder, repository, Action.WRITE)) {
      granted.add(Access.WRITE);
    } else if (wanted.contains(Access.READ)) {
      granted.add(Access.READ);
    }
    if (wanted.contains(Access.DELETE) && may(holder, repository, Action.DELETE_TAG)) {
      granted.add(Access.DELETE);
    }
    return granted.stream();
  }

  private boolean may(Caller caller, RepositoryName repository, Action action) {
    return policy.decide(caller, repository, action) == Decision.ALLOWED;
  }

  // A token that was given to an anonymous caller makes its holder no other caller.
  @Override
  public Optional<Caller> holder(AccessToken token, Optional<AccessToken> signIn) {
    return tokens
        .verify(token)
        .map(
            grant ->
                grant.user().isEmpty() ? new Caller.Anonymous() : new Caller.Bearer(token, grant));
  }

  @Override
  public boolean lacks(Caller.Account account, AccessRequest.OfRepository right) {
    return !may(account, right.repository(), right.action());
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
