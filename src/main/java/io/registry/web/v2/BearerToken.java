package io.registry.web.v2;

import io.registry.web.access.AccessFilter;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.springframework.http.HttpHeaders;

/** Reads the header with a bearer token (RFC 6750, section 2.1). */
final class BearerToken {
  private static final String SCHEME = "bearer ";

  private BearerToken() {}

  /** The token of a request; nothing when it shows other credentials, or none. */
  static Optional<String> of(HttpServletRequest request) {
    List<String> headers = Collections.list(request.getHeaders(HttpHeaders.AUTHORIZATION));
    if (headers.size() > 1) {
      throw AccessFilter.unauthenticated();
    }
    return headers.stream()
        .filter(header -> header.regionMatches(true, 0, SCHEME, 0, SCHEME.length()))
        .map(header -> header.substring(SCHEME.length()).strip())
        .findFirst();
  }
}
