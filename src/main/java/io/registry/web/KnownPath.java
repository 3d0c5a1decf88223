package io.registry.web;

import jakarta.servlet.ServletRequest;
import java.util.Optional;

/** The path of a request in its one spelling, for those who see the request before and after. */
public final class KnownPath {
  private static final String ATTRIBUTE = KnownPath.class.getName();

  private KnownPath() {}

  /**
   * Remembers the path.
   *
   * @param request the request
   * @param path percent-encoded
   */
  public static void note(ServletRequest request, String path) {
    request.setAttribute(ATTRIBUTE, path);
  }

  /** The path, when it is known. */
  static Optional<String> of(ServletRequest request) {
    return request.getAttribute(ATTRIBUTE) instanceof String path
        ? Optional.of(path)
        : Optional.empty();
  }
}
