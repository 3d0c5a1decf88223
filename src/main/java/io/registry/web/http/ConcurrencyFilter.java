package io.registry.web.http;

import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RetryLaterException;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.servlet.HandlerExceptionResolver;

/**
 * Lets so many requests of each kind in at the same time, before anything is done for them; and
 * while the registry stops, only those of clients with a begun push.
 */
final class ConcurrencyFilter extends OncePerRequestFilter {
  private static final Duration RETRY = Duration.ofSeconds(30);

  private final Protocols protocols;
  private final ConcurrencyLimits limits;
  private final HandlerExceptionResolver refusals;
  private final ClientPushes pushes;

  /**
   * A filter.
   *
   * @param protocols tell of which kind a request is
   * @param limits how many
   * @param refusals answers those who find no place
   * @param pushes the begun pushes
   */
  ConcurrencyFilter(
      Protocols protocols,
      ConcurrencyLimits limits,
      HandlerExceptionResolver refusals,
      ClientPushes pushes) {
    this.pushes = pushes;
    this.protocols = protocols;
    this.limits = limits;
    this.refusals = refusals;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String path = request.getRequestURI();
    Protocol protocol = protocols.of(path);
    Optional<WorkKind> kind = protocol.kind(request.getMethod(), path);
    if (kind.isEmpty()) {
      chain.doFilter(request, response);
      return;
    }
    String client = request.getRemoteAddr();
    Place place;
    try {
      if (!pushes.serves(client)) {
        throw new RetryLaterException(Problem.UNAVAILABLE, "This registry stops", RETRY);
      }
      place = limits.enter(kind.get(), client);
    } catch (RetryLaterException e) {
      if (refusals.resolveException(request, response, null, e) == null) {
        throw e;
      }
      return;
    }
    pushes.enter(client);
    try (place) {
      place.note(request);
      chain.doFilter(request, response);
      if (response.getStatus() < HttpServletResponse.SC_MULTIPLE_CHOICES) {
        protocol.pushStep(request.getMethod(), path).ifPresent(step -> pushes.pushed(client, step));
      }
    } finally {
      pushes.leave(client);
    }
  }
}
