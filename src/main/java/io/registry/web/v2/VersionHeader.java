package io.registry.web.v2;

import io.registry.bridge.BridgeProperties;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Sends {@code Docker-Distribution-Api-Version} to the clients that may have it. Daemons from 1.5
 * to 1.9 go on with V1 when it is missing; with it they insist on V2, of which they can read
 * nothing that is served here. Daemons from 1.10 on fall back to V1 only when it is missing.
 */
@Component
@ConditionalOnV2
@Order(Ordered.HIGHEST_PRECEDENCE + 1)
final class VersionHeader extends OncePerRequestFilter {
  private static final String VALUE = "registry/2.0";

  private final BridgeProperties settings;

  VersionHeader(BridgeProperties settings) {
    this.settings = settings;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if (V2Path.owns(request.getRequestURI()) && isWanted(request)) {
      response.setHeader(V2Headers.VERSION, VALUE);
    }
    chain.doFilter(request, response);
  }

  /** Adds the header to an answer that was begun anew. */
  void addTo(HttpHeaders headers, HttpServletRequest request) {
    if (isWanted(request)) {
      headers.set(V2Headers.VERSION, VALUE);
    }
  }

  private boolean isWanted(HttpServletRequest request) {
    return switch (settings.versionHeader()) {
      case ALWAYS -> true;
      case NEVER -> false;
      case AUTO -> !isDaemon(request.getHeader(HttpHeaders.USER_AGENT));
    };
  }

  // Some requests of old daemons have the User-Agent of Go's library.
  private static boolean isDaemon(String userAgent) {
    return userAgent != null
        && (userAgent.startsWith("docker/")
            || userAgent.startsWith("Go-http-client/")
            || userAgent.startsWith("Go 1."));
  }
}
