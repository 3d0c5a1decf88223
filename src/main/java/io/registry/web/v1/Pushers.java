package io.registry.web.v1;

import io.registry.image.Pusher;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.http.HttpHeaders;

/** Tells clients that push from one another. */
final class Pushers {
  private Pushers() {}

  /**
   * Who sends a request. V1 has no sessions, but daemons send the token of their push with each
   * request of it, and no two pushes get the same token.
   */
  static Pusher of(HttpServletRequest request) {
    return new Pusher(
        String.join(
            "\n",
            request.getRemoteAddr(),
            String.valueOf(request.getHeader("X-Forwarded-For")),
            String.valueOf(request.getHeader("X-Real-IP")),
            String.valueOf(request.getHeader(HttpHeaders.USER_AGENT)),
            String.valueOf(request.getHeader(HttpHeaders.AUTHORIZATION))));
  }
}
