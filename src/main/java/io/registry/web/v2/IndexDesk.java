package io.registry.web.v2;

import io.registry.auth.Access;
import io.registry.auth.AccessRequest;
import io.registry.auth.AccessToken;
import io.registry.auth.Caller;
import io.registry.auth.ConditionalOnIndexMode;
import io.registry.auth.Grant;
import io.registry.auth.IndexMode;
import io.registry.auth.RemoteIndexVerifier;
import io.registry.auth.TokenVerifier;
import io.registry.repository.RepositoryName;
import io.registry.web.access.BasicSignIn;
import io.registry.web.access.CallerResolver;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;

/**
 * Has an index elsewhere give tokens, asking it as a client of V1 would with the credentials of the
 * client of V2.
 */
@Component
@ConditionalOnV2
@ConditionalOnIndexMode(IndexMode.REMOTE)
final class IndexDesk implements TokenDesk {
  /** How long an index lets its tokens live is not known; clients ask again after that time. */
  private static final Duration LIFETIME = Duration.ofMinutes(5);

  private final CallerResolver callers;
  private final BasicSignIn passwords;
  private final RemoteIndexVerifier index;
  private final TokenVerifier tokens;
  private final SignInProofs proofs;

  IndexDesk(
      CallerResolver callers,
      BasicSignIn passwords,
      @Qualifier("remoteIndexVerifier") RemoteIndexVerifier index,
      TokenVerifier tokens,
      SignInProofs proofs) {
    this.callers = callers;
    this.passwords = passwords;
    this.index = index;
    this.tokens = tokens;
    this.proofs = proofs;
  }

  @Override
  public Caller of(HttpServletRequest request, AccessRequest target) {
    String header = request.getHeader(HttpHeaders.AUTHORIZATION);
    if (header == null
        || !header.strip().regionMatches(true, 0, "basic ", 0, "basic ".length())
        || request.getHeader("X-Signature") != null) {
      return callers.of(request, target);
    }
    Optional<Caller.Account> account = passwords.signIn(request);
    if (account.isPresent() && target instanceof AccessRequest.OfRepository wanted) {
      // The index gives clients of V1 the list of images for name and password, too.
      AccessToken claim = new AccessToken(header, wanted.repository(), Access.READ);
      return tokens
          .verify(claim)
          .<Caller>map(grant -> new Caller.Bearer(claim, named(grant, account.get())))
          .orElseGet(Caller.Anonymous::new);
    }
    return account.<Caller>map(known -> known).orElseGet(Caller.Anonymous::new);
  }

  private static Grant named(Grant grant, Caller.Account account) {
    return new Grant(account.name(), grant.repository(), grant.access(), grant.images());
  }

  @Override
  public List<AccessToken> issue(
      Caller caller, String authorization, Set<RepositoryName> repositories) {
    String user = caller instanceof Caller.Account account ? account.name() : "";
    return Stream.concat(
            Stream.of(proofs.issue(user, LIFETIME)),
            repositories.stream().flatMap(each -> index.token(authorization, each).stream()))
        .toList();
  }

  @Override
  public Optional<Caller> holder(AccessToken token) {
    return tokens.verify(token).map(grant -> new Caller.Bearer(token, grant));
  }

  @Override
  public Optional<Caller> signedIn(AccessToken token) {
    return proofs
        .verify(token)
        .map(user -> user.isEmpty() ? new Caller.Anonymous() : new Caller.Account(user, false));
  }

  @Override
  public Duration lifetime() {
    return LIFETIME;
  }
}
