package io.registry.web.v1;

import io.registry.content.repository.MaybeStale;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import org.springframework.http.HttpHeaders;

/** The Warning header of answers that may be outdated (RFC 7234, 5.5). */
final class Warnings {
  private static final List<String> WARNINGS =
      List.of("110 - \"Response is Stale\"", "111 - \"Revalidation Failed\"");

  private Warnings() {}

  /** Adds the header to an answer that is written without Spring's help, if need be. */
  static void addTo(HttpServletResponse response, MaybeStale<?> found) {
    if (found.isStale()) {
      WARNINGS.forEach(warning -> response.addHeader(HttpHeaders.WARNING, warning));
    }
  }

  /** Adds the header, if the value may be outdated. */
  static void add(HttpHeaders headers, MaybeStale<?> found) {
    if (found.isStale()) {
      WARNINGS.forEach(warning -> headers.add(HttpHeaders.WARNING, warning));
    }
  }
}
