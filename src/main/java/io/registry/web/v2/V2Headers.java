package io.registry.web.v2;

import io.registry.web.http.Preconditions;
import jakarta.servlet.http.HttpServletRequest;

/** Headers of V2. */
final class V2Headers {
  static final String DIGEST = "Docker-Content-Digest";
  static final String VERSION = "Docker-Distribution-Api-Version";

  private V2Headers() {}

  /** The value of {@code Warning} with a text that clients show (RFC 7234, 5.5). */
  static String warning(String text) {
    String printable = text.replaceAll("[^ -~]+", " ").replaceAll("([\"\\\\])", "\\\\$1");
    return "299 - \"" + printable + '"';
  }

  /** Whether the client names the entity tag as the one that it has. */
  static boolean isNotModified(HttpServletRequest request, String etag) {
    return request.getHeader("If-None-Match") != null && Preconditions.isNotModified(request, etag);
  }
}
