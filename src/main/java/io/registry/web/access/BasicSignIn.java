package io.registry.web.access;

import io.registry.access.auth.Caller;
import io.registry.access.auth.ConditionalOnIndexMode;
import io.registry.access.auth.IndexMode;
import io.registry.access.auth.LimitedSignIn;
import io.registry.access.auth.SignIn;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;

/** Signs in requests with name and password (protocol 4.6). */
@Component
@ConditionalOnIndexMode({IndexMode.EMBEDDED, IndexMode.REMOTE})
public class BasicSignIn {
  private static final String SCHEME = "basic";

  private final LimitedSignIn accounts;

  BasicSignIn(LimitedSignIn accounts) {
    this.accounts = accounts;
  }

  /**
   * The account of the request's credentials.
   *
   * @return empty when there are none, or the empty ones that daemons send without a login
   * @throws RegistryException {@code UNAUTHENTICATED} when they are wrong or of another scheme;
   *     {@code FORBIDDEN} when the account is disabled or must choose a new password first
   */
  public Optional<Caller.Account> signIn(HttpServletRequest request) {
    return check(request).map(BasicSignIn::account);
  }

  /** As {@link #signIn}, for the one request that a password may make which has to be changed. */
  public Optional<Caller.Account> signInToChangePassword(HttpServletRequest request) {
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
      throw AccessFilter.unauthenticated();
    }
    BasicCredentials credentials =
        BasicCredentials.parse(stripped.substring(SCHEME.length()).strip())
            .orElseThrow(AccessFilter::unauthenticated);
    return credentials.isEmpty()
        ? Optional.empty()
        : Optional.of(
            accounts.signIn(credentials.name(), credentials.password(), request.getRemoteAddr()));
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
    throw AccessFilter.unauthenticated();
  }
}
