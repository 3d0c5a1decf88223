package io.registry.web;

import jakarta.servlet.http.HttpServletResponse;
import org.springframework.http.HttpHeaders;

/** Headers of answers, whatever the protocol. */
public final class AnswerHeaders {

  private AnswerHeaders() {}

  /** Adds headers to an answer that is written without Spring's help. */
  public static void addTo(HttpServletResponse response, HttpHeaders headers) {
    headers.forEach((name, values) -> values.forEach(value -> response.addHeader(name, value)));
  }

  /** For answers that may differ the next time. */
  public static HttpHeaders uncached() {
    HttpHeaders headers = new HttpHeaders();
    headers.setCacheControl("no-cache");
    headers.setPragma("no-cache");
    headers.set(HttpHeaders.EXPIRES, "-1");
    return headers;
  }
}
