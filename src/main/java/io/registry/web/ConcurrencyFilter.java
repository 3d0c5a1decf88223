package io.registry.web;

import io.registry.problem.RetryLaterException;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.servlet.HandlerExceptionResolver;

/** Lets so many requests of each kind in at the same time, before anything is done for them. */
final class ConcurrencyFilter extends OncePerRequestFilter {
  private final Protocols protocols;
  private final ConcurrencyLimits limits;
  private final HandlerExceptionResolver refusals;

  /**
   * A filter.
   *
   * @param protocols tell of which kind a request is
   * @param limits how many
   * @param refusals answers those who find no place
   */
  ConcurrencyFilter(
      Protocols protocols, ConcurrencyLimits limits, HandlerExceptionResolver refusals) {
    this.protocols = protocols;
    this.limits = limits;
    this.refusals = refusals;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String path = request.getRequestURI();
    Optional<WorkKind> kind = protocols.of(path).kind(request.getMethod(), path);
    if (kind.isEmpty()) {
      chain.doFilter(request, response);
      return;
    }
    Place place;
    try {
      place = limits.enter(kind.get(), request.getRemoteAddr());
    } catch (RetryLaterException e) {
      if (refusals.resolveException(request, response, null, e) == null) {
        throw e;
      }
      return;
    }
    try (place) {
      place.note(request);
      chain.doFilter(request, response);
    }
  }
}
