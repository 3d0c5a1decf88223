package io.registry.web;

import jakarta.servlet.ServletRequest;
import java.util.Optional;

/** The normalized path of a request, stored for code that runs before or after the filters. */
public final class KnownPath {
  private static final String ATTRIBUTE = KnownPath.class.getName();

  private KnownPath() {}

  /**
   * Stores the path.
   *
   * @param request the request
   * @param path percent-encoded
   */
  public static void note(ServletRequest request, String path) {
    request.setAttribute(ATTRIBUTE, path);
  }

  /** The path, if it was stored. */
  static Optional<String> of(ServletRequest request) {
    return request.getAttribute(ATTRIBUTE) instanceof String path
        ? Optional.of(path)
        : Optional.empty();
  }
}
