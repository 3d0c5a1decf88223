package io.registry.access.index;

import java.util.List;
import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.Authentication;

/** Checks a name and a password against an htpasswd file. */
final class HtpasswdPasswords implements AuthenticationProvider {
  private final HtpasswdFile users;
  private final PasswordHashes hashes;

  HtpasswdPasswords(HtpasswdFile users, PasswordHashes hashes) {
    this.users = users;
    this.hashes = hashes;
  }

  @Override
  public Authentication authenticate(Authentication claim) {
    if (!hashes.matches(String.valueOf(claim.getCredentials()), users.hash(claim.getName()))) {
      throw new BadCredentialsException("The password is wrong, or there is no such user");
    }
    return UsernamePasswordAuthenticationToken.authenticated(claim.getName(), "", List.of());
  }

  @Override
  public boolean supports(Class<?> authentication) {
    return UsernamePasswordAuthenticationToken.class.isAssignableFrom(authentication);
  }
}
