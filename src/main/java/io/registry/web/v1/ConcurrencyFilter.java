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
 * Limits how many requests of each kind run concurrently, before any other work is done for them.
 * {@code _ping}, {@code _status} and health are not limited, because load balancers judge by them
 * whether the registry lives.
 */
final class ConcurrencyFilter extends OncePerRequestFilter {
  private static final String IMAGES = "/v1/images/";

  private final ConcurrencyLimits limits;
  private final HandlerExceptionResolver refusals;

  /**
   * Creates a filter.
   *
   * @param limits the limits
   * @param refusals writes the answer to a request that is refused
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
   * The kind of a request; empty when it is not limited.
   *
   * @param path the normalized path
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
    // The first request for the contents of a layer reads the whole layer.
    if (path.startsWith(IMAGES) && (path.endsWith("/files") || path.endsWith("/diff"))) {
      return Optional.of(WorkKind.DOWNLOAD);
    }
    boolean free = !(path.startsWith("/v1/") || path.startsWith("/api/")) || isSign(path);
    return free ? Optional.empty() : Optional.of(small(method));
  }

  // Requests that change something may have a body, which may arrive slowly.
  private static WorkKind small(String method) {
    return switch (method) {
      case "PUT", "POST", "PATCH", "DELETE" -> WorkKind.CHANGE;
      default -> WorkKind.METADATA;
    };
  }

  // Liveness checks.
  private static boolean isSign(String path) {
    return path.equals("/v1/_ping") || path.equals("/v1/_status");
  }
}
