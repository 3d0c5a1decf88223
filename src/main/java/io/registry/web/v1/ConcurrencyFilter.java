package io.registry.web.v1;

import io.registry.problem.RetryLaterException;
import io.registry.web.ConcurrencyLimits;
import io.registry.web.WorkKind;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.servlet.HandlerExceptionResolver;

/**
 * Lets so many requests of each kind in at the same time, before anything is done for them. Not
 * bounded are {@code _ping}, {@code _status} and health, by which others judge whether the registry
 * lives.
 */
final class ConcurrencyFilter extends OncePerRequestFilter {
  private static final String IMAGES = "/v1/images/";

  private final ConcurrencyLimits limits;
  private final HandlerExceptionResolver refusals;

  /**
   * A filter.
   *
   * @param limits how many
   * @param refusals answers those who find no place
   */
  ConcurrencyFilter(ConcurrencyLimits limits, HandlerExceptionResolver refusals) {
    this.limits = limits;
    this.refusals = refusals;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    Optional<WorkKind> kind = kind(request.getMethod(), request.getRequestURI());
    if (kind.isEmpty()) {
      chain.doFilter(request, response);
      return;
    }
    try {
      limits.enter(kind.get());
    } catch (RetryLaterException e) {
      if (refusals.resolveException(request, response, null, e) == null) {
        throw e;
      }
      return;
    }
    try {
      chain.doFilter(request, response);
    } finally {
      limits.leave(kind.get());
    }
  }

  /**
   * Of which kind a request is.
   *
   * @param path the path in its one spelling
   */
  static Optional<WorkKind> kind(String method, String path) {
    if (path.startsWith(IMAGES) && path.endsWith("/layer")) {
      return Optional.of(
          switch (method) {
            case "PUT" -> WorkKind.UPLOAD;
            case "GET" -> WorkKind.DOWNLOAD;
            default -> small(method);
          });
    }
    // What is not listed yet is read whole for it.
    if (path.startsWith(IMAGES) && (path.endsWith("/files") || path.endsWith("/diff"))) {
      return Optional.of(WorkKind.DOWNLOAD);
    }
    boolean free = !(path.startsWith("/v1/") || path.startsWith("/api/")) || isSign(path);
    return free ? Optional.empty() : Optional.of(small(method));
  }

  // Only who changes something is waited for, until all that he sends is here.
  private static WorkKind small(String method) {
    return switch (method) {
      case "PUT", "POST", "PATCH", "DELETE" -> WorkKind.CHANGE;
      default -> WorkKind.METADATA;
    };
  }

  // Of life.
  private static boolean isSign(String path) {
    return path.equals("/v1/_ping") || path.equals("/v1/_status");
  }
}
