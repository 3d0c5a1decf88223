package io.registry.web.http;

import jakarta.servlet.http.HttpServletRequest;

/** The text after the status in the first line of an answer (RFC 9112, 4). */
public final class ReasonPhrase {
  /** The attribute of a request with the phrase. Tomcat passes attributes of that prefix down. */
  public static final String ATTRIBUTE = "org.apache.tomcat.registry.reason-phrase";

  private static final int MAX_LENGTH = 200;

  private ReasonPhrase() {}

  /**
   * Sets the phrase of the answer to a request.
   *
   * @param text what the client shows; only printable ASCII characters are kept, up to 200
   */
  public static void set(HttpServletRequest request, String text) {
    String printable = text.replaceAll("[^ -~]+", " ");
    request.setAttribute(
        ATTRIBUTE, printable.substring(0, Math.min(MAX_LENGTH, printable.length())));
  }
}
