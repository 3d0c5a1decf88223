package io.registry.web.v1;

import io.registry.auth.Audit;
import io.registry.auth.AuditActor;
import io.registry.auth.Caller;
import io.registry.auth.ConditionalOnIndexMode;
import io.registry.auth.IndexMode;
import io.registry.auth.SignIn;
import io.registry.auth.SignInAttempt;
import io.registry.auth.SignInLimits;
import io.registry.problem.Problem;
import io.registry.problem.RegistryException;
import io.registry.problem.RetryLaterException;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;

/** Lets in who shows name and password with a request (protocol 4.6). */
@Component
@ConditionalOnIndexMode(IndexMode.EMBEDDED)
class BasicSignIn {
  private static final String SCHEME = "basic";

  private final SignIn accounts;
  private final SignInLimits limits;
  private final Audit audit;

  BasicSignIn(SignIn accounts, SignInLimits limits, Audit audit) {
    this.accounts = accounts;
    this.limits = limits;
    this.audit = audit;
  }

  /**
   * Whoever shows name and password.
   *
   * @return nothing when none are shown, or the empty ones of daemons with nobody logged in
   * @throws RegistryException {@code UNAUTHENTICATED} when they are wrong, or other credentials are
   *     shown; {@code FORBIDDEN} when the account is disabled or has to choose a password first
   */
  Optional<Caller.Account> signIn(HttpServletRequest request) {
    return check(request).map(BasicSignIn::account);
  }

  /** As {@link #signIn}, for the one request that a password may make which has to be changed. */
  Optional<Caller.Account> signInToChangePassword(HttpServletRequest request) {
    return check(request)
        .map(
            result ->
                result instanceof SignIn.Result.MustChangePassword first
                    ? first.account()
                    : account(result));
  }

  private Optional<SignIn.Result> check(HttpServletRequest request) {
    String header = request.getHeader(HttpHeaders.AUTHORIZATION);
    if (header == null) {
      return Optional.empty();
    }
    String stripped = header.strip();
    if (!stripped.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      throw refused();
    }
    BasicCredentials credentials =
        BasicCredentials.parse(stripped.substring(SCHEME.length()).strip())
            .orElseThrow(BasicSignIn::refused);
    return credentials.isEmpty()
        ? Optional.empty()
        : Optional.of(check(credentials, request.getRemoteAddr()));
  }

  private SignIn.Result check(BasicCredentials credentials, String address) {
    AuditActor actor = AuditActor.claiming(credentials.name(), address);
    try (SignInAttempt attempt = limits.begin(address, credentials.name())) {
      attempt
          .mustWait()
          .ifPresent(
              wait -> {
                audit.signInThrottled(actor);
                throw new RetryLaterException(
                    Problem.TOO_MANY, "Too many failed sign-ins: try again later", wait);
              });
      SignIn.Result result = accounts.signIn(credentials.name(), credentials.password());
      if (result instanceof SignIn.Result.Refused) {
        attempt.failed();
        audit.signInFailed(actor, "wrong");
      } else {
        attempt.succeeded();
        tell(result, actor);
      }
      return result;
    }
  }

  private void tell(SignIn.Result result, AuditActor actor) {
    if (result instanceof SignIn.Result.SignedIn) {
      audit.signedIn(actor);
    } else {
      audit.signInFailed(
          actor, result instanceof SignIn.Result.Inactive ? "inactive" : "must-change-password");
    }
  }

  private static Caller.Account account(SignIn.Result result) {
    if (result instanceof SignIn.Result.SignedIn in) {
      return in.account();
    }
    if (result instanceof SignIn.Result.Inactive) {
      throw new RegistryException(Problem.FORBIDDEN, "Account is not active");
    }
    if (result instanceof SignIn.Result.MustChangePassword first) {
      throw new RegistryException(
          Problem.FORBIDDEN, "Choose a password first: PUT /v1/users/" + first.account().name());
    }
    throw refused();
  }

  private static RegistryException refused() {
    return new RegistryException(Problem.UNAUTHENTICATED, "Requires authorization");
  }
}
