package io.registry.web.v1;

import io.registry.service.PushingClients.Sender;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.http.HttpHeaders;

/** Reads from a request what it shows of its sender. */
final class Senders {

  private Senders() {}

  static Sender of(HttpServletRequest request) {
    return new Sender(
        request.getRemoteAddr(),
        header(request, "X-Forwarded-For"),
        header(request, "X-Real-IP"),
        header(request, HttpHeaders.AUTHORIZATION));
  }

  private static String header(HttpServletRequest request, String name) {
    String value = request.getHeader(name);
    return value == null ? "" : value;
  }
}
