package io.registry.web.v1;

import io.registry.repository.MaybeStale;
import io.registry.web.AnswerHeaders;
import jakarta.servlet.http.HttpServletResponse;
import org.springframework.http.HttpHeaders;

/** The Warning header of answers that may be outdated (RFC 7234, 5.5). */
final class Warnings {
  private static final String STALE = "110 - \"Response is Stale\"";
  private static final String NOT_ASKED = "111 - \"Revalidation Failed\"";

  private Warnings() {}

  /** Adds the header to an answer that is written without Spring's help, if need be. */
  static void addTo(HttpServletResponse response, MaybeStale<?> found) {
    HttpHeaders headers = new HttpHeaders();
    add(headers, found);
    AnswerHeaders.addTo(response, headers);
  }

  /** Adds the header, if the value may be outdated. */
  static void add(HttpHeaders headers, MaybeStale<?> found) {
    if (found.isStale()) {
      headers.add(HttpHeaders.WARNING, STALE);
      headers.add(HttpHeaders.WARNING, NOT_ASKED);
    }
  }
}
