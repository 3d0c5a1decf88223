package io.registry.web.v1;

import io.registry.auth.AccessToken;
import io.registry.auth.Caller;
import io.registry.auth.SignIn;
import io.registry.auth.TokenVerifier;
import io.registry.problem.Problem;
import io.registry.problem.RegistryException;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.springframework.http.HttpHeaders;

/** Finds out who sends a request from its {@code Authorization} header (protocol 4.1, 4.7). */
final class CheckedCallers implements Callers {
  private final TokenVerifier tokens;
  private final Optional<SignIn> accounts;

  /**
   * Who sends requests.
   *
   * @param tokens knows which tokens are valid
   * @param accounts knows names and passwords, where there are any
   */
  CheckedCallers(TokenVerifier tokens, Optional<SignIn> accounts) {
    this.tokens = tokens;
    this.accounts = accounts;
  }

  @Override
  public Caller of(HttpServletRequest request, V1Target target) {
    List<String> headers = Collections.list(request.getHeaders(HttpHeaders.AUTHORIZATION));
    if (headers.isEmpty()) {
      return new Caller.Anonymous();
    }
    if (headers.size() > 1) {
      throw refused();
    }
    String header = headers.get(0).strip();
    String scheme = header.split("\\s", 2)[0].toLowerCase(Locale.ROOT);
    return switch (scheme) {
      case "token" -> ofToken(header, target);
      case "basic" -> ofBasic(header.substring(scheme.length()).strip());
      default -> throw refused();
    };
  }

  // Refused cheaply first: a token that names something else is not shown to the index.
  private Caller ofToken(String header, V1Target target) {
    if (header.length() == "token".length()) {
      return new Caller.Anonymous();
    }
    AccessToken token =
        AccessToken.parse(header)
            .filter(claim -> claim.access().covers(target.action().access()))
            .filter(claim -> isAbout(claim, target))
            .orElseThrow(CheckedCallers::refused);
    return tokens
        .verify(token)
        .map(grant -> new Caller.Bearer(token, grant))
        .orElseThrow(CheckedCallers::refused);
  }

  private static boolean isAbout(AccessToken token, V1Target target) {
    return !(target instanceof V1Target.OfRepository repository)
        || repository.repository().equals(token.repository());
  }

  private Caller ofBasic(String encoded) {
    BasicCredentials credentials =
        BasicCredentials.parse(encoded).orElseThrow(CheckedCallers::refused);
    if (credentials.isEmpty()) {
      return new Caller.Anonymous();
    }
    SignIn.Result result =
        accounts
            .orElseThrow(CheckedCallers::refused)
            .signIn(credentials.name(), credentials.password());
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
