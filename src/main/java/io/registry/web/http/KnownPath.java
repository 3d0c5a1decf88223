package io.registry.web.http;

import jakarta.servlet.ServletRequest;
import java.util.Optional;

/** The normalized path of a request, stored for code that runs before or after the filters. */
public final class KnownPath {
  private static final String ATTRIBUTE = KnownPath.class.getName();
  private static final String SENT = ATTRIBUTE + ".SENT";

  private KnownPath() {}

  /**
   * Stores the path.
   *
   * @param request the request
   * @param sent as the client sent it, percent-encoded
   * @param path in its one spelling, percent-encoded
   */
  static void note(ServletRequest request, String sent, String path) {
    request.setAttribute(SENT, sent);
    request.setAttribute(ATTRIBUTE, path);
  }

  /** The path as the client sent it, percent-encoded. */
  public static String sent(ServletRequest request) {
    return String.valueOf(request.getAttribute(SENT));
  }

  /** The path, when it is known. */
  static Optional<String> of(ServletRequest request) {
    return request.getAttribute(ATTRIBUTE) instanceof String path
        ? Optional.of(path)
        : Optional.empty();
  }
}
