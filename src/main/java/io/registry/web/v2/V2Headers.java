package io.registry.web.v2;

import io.registry.web.Preconditions;
import jakarta.servlet.http.HttpServletRequest;

/** Headers of V2. */
final class V2Headers {
  static final String DIGEST = "Docker-Content-Digest";
  static final String VERSION = "Docker-Distribution-Api-Version";

  private V2Headers() {}

  /** Whether the client names the entity tag as the one that it has. */
  static boolean isNotModified(HttpServletRequest request, String etag) {
    return request.getHeader("If-None-Match") != null && Preconditions.isNotModified(request, etag);
  }
}
