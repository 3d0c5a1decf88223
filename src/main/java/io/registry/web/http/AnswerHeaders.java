package io.registry.web.http;

import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import java.util.Map;
import org.springframework.http.HttpHeaders;

/** Headers of answers, whatever the protocol. */
public final class AnswerHeaders {

  private static final List<Map.Entry<String, String>> UNCACHED =
      List.of(
          Map.entry(HttpHeaders.CACHE_CONTROL, "no-cache"),
          Map.entry(HttpHeaders.PRAGMA, "no-cache"),
          Map.entry(HttpHeaders.EXPIRES, "-1"));

  private AnswerHeaders() {}

  /** Adds headers to an answer that is written without Spring's help. */
  public static void addTo(HttpServletResponse response, HttpHeaders headers) {
    headers.forEach((name, values) -> values.forEach(value -> response.addHeader(name, value)));
  }

  /** For answers that may differ the next time. */
  public static HttpHeaders uncached() {
    HttpHeaders headers = new HttpHeaders();
    UNCACHED.forEach(header -> headers.set(header.getKey(), header.getValue()));
    return headers;
  }

  /** The same, of an answer that is written without Spring's help. */
  public static void addUncachedTo(HttpServletResponse response) {
    UNCACHED.forEach(header -> response.addHeader(header.getKey(), header.getValue()));
  }
}
