package io.registry.web.v2;

import io.registry.access.auth.Access;
import io.registry.access.auth.AccessRequest;
import io.registry.access.auth.AccessToken;
import io.registry.access.auth.Action;
import io.registry.access.auth.Caller;
import io.registry.access.auth.ConditionalOnIndexMode;
import io.registry.access.auth.Grant;
import io.registry.access.auth.IndexMode;
import io.registry.access.auth.RemoteIndexVerifier;
import io.registry.access.auth.TokenVerifier;
import io.registry.content.repository.RepositoryName;
import io.registry.web.access.BasicSignIn;
import io.registry.web.access.CallerResolver;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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
      // For name and password, too, the index gives clients of V1 what they pull or push.
      AccessToken claim = new AccessToken(header, wanted.repository(), wanted.action().access());
      return tokens
          .verify(claim)
          .<Caller>map(grant -> new Caller.Bearer(claim, named(grant, account.get().name())))
          .orElseGet(() -> refused(account.get(), wanted));
    }
    return account.<Caller>map(known -> known).orElseGet(Caller.Anonymous::new);
  }

  // What is public is read by everybody.
  private static Caller refused(Caller.Account account, AccessRequest.OfRepository wanted) {
    return wanted.action() == Action.READ ? new Caller.Anonymous() : account;
  }

  private static Grant named(Grant grant, String user) {
    return new Grant(user, grant.repository(), grant.access(), grant.images());
  }

  @Override
  public List<AccessToken> issue(
      Caller caller, String authorization, Map<RepositoryName, Set<Access>> wanted) {
    String user = caller instanceof Caller.Account account ? account.name() : "";
    return Stream.concat(
            Stream.of(proofs.issue(user, LIFETIME)),
            wanted.entrySet().stream()
                .flatMap(each -> token(authorization, each.getKey(), each.getValue()).stream())
                .limit(V2Tokens.MAX_TOKENS))
        .toList();
  }

  // An index knows of no right to delete, and without a name nothing is pushed.
  private Optional<AccessToken> token(
      String authorization, RepositoryName repository, Set<Access> wanted) {
    Optional<AccessToken> pushing =
        wanted.contains(Access.WRITE) && !authorization.isEmpty()
            ? index.token(authorization, repository, Access.WRITE)
            : Optional.empty();
    return pushing.isPresent() || !wanted.contains(Access.READ)
        ? pushing
        : index.token(authorization, repository, Access.READ);
  }

  /** The index need not say whose a token is, but the client has proved who it is. */
  @Override
  public Optional<Caller> holder(AccessToken token, Optional<AccessToken> signIn) {
    String user = signIn.flatMap(proofs::user).orElse("");
    return tokens
        .verify(token)
        .map(grant -> new Caller.Bearer(token, user.isEmpty() ? grant : named(grant, user)));
  }

  @Override
  public boolean lacks(Caller.Account account, AccessRequest.OfRepository right) {
    return right.action().access() == Access.DELETE;
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
