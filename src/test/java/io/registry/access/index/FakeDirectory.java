package io.registry.access.index;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.authentication.AuthenticationServiceException;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.Authentication;

/** Knows one user, and counts how often it is asked. */
final class FakeDirectory implements AuthenticationProvider {
  final AtomicInteger questions = new AtomicInteger();
  volatile boolean away;

  private final String name;
  private final String password;

  FakeDirectory(String name, String password) {
    this.name = name;
    this.password = password;
  }

  @Override
  public Authentication authenticate(Authentication asked) {
    questions.incrementAndGet();
    if (away) {
      throw new AuthenticationServiceException("away");
    }
    if (!name.equals(asked.getName()) || !password.equals(asked.getCredentials())) {
      throw new BadCredentialsException("wrong");
    }
    return UsernamePasswordAuthenticationToken.authenticated(name, null, List.of());
  }

  @Override
  public boolean supports(Class<?> authentication) {
    return true;
  }
}
