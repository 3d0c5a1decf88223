package io.registry.web.access;

import io.registry.access.auth.Caller;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.filter.OncePerRequestFilter;

/** Admits all requests without looking at their credentials. */
final class OpenFilter extends OncePerRequestFilter {
  private static final CallerAuthentication ANYBODY =
      new CallerAuthentication(new Caller.Unchecked());

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    SecurityContextHolder.getContext().setAuthentication(ANYBODY);
    chain.doFilter(request, response);
  }
}
