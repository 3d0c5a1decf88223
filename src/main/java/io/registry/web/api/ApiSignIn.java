package io.registry.web.api;

import io.registry.access.auth.Caller;
import io.registry.access.auth.LimitedSignIn;
import io.registry.access.auth.SignIn;
import io.registry.access.index.Robot;
import io.registry.platform.problem.RegistryException;
import java.util.List;
import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.authentication.AuthenticationServiceException;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.DisabledException;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.security.web.authentication.WebAuthenticationDetails;

/**
 * Connects Spring Security to the index's check of names and passwords. It is not a bean, because
 * the index uses an {@code AuthenticationProvider} bean in place of the stored passwords.
 */
final class ApiSignIn implements AuthenticationProvider {
  /** The authority to use the API, and not only to choose another password. */
  static final GrantedAuthority USER = new SimpleGrantedAuthority("USER");

  private final LimitedSignIn index;

  ApiSignIn(LimitedSignIn index) {
    this.index = index;
  }

  @Override
  public boolean supports(Class<?> authentication) {
    return UsernamePasswordAuthenticationToken.class.isAssignableFrom(authentication);
  }

  @Override
  public Authentication authenticate(Authentication shown) {
    SignIn.Result result = ask(shown);
    if (result instanceof SignIn.Result.SignedIn in) {
      // A robot that could create robots would outlive its own credential.
      return Robot.isLogin(in.account().name())
          ? authenticated(in.account(), List.of())
          : authenticated(in.account(), List.of(USER));
    }
    if (result instanceof SignIn.Result.MustChangePassword first) {
      return authenticated(first.account(), List.of());
    }
    throw refused(result);
  }

  private SignIn.Result ask(Authentication shown) {
    String address =
        shown.getDetails() instanceof WebAuthenticationDetails details
            ? String.valueOf(details.getRemoteAddress())
            : "";
    try {
      return index.signIn(shown.getName(), String.valueOf(shown.getCredentials()), address);
    } catch (RegistryException e) {
      throw new AuthenticationServiceException(e.getMessage(), e);
    }
  }

  private static Authentication authenticated(
      Caller.Account account, List<GrantedAuthority> authorities) {
    return UsernamePasswordAuthenticationToken.authenticated(account, "", authorities);
  }

  private static AuthenticationException refused(SignIn.Result result) {
    return result instanceof SignIn.Result.Inactive
        ? new DisabledException("Account is not active")
        : new BadCredentialsException("Requires authorization");
  }
}
