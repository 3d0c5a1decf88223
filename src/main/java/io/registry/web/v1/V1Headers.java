package io.registry.web.v1;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.springframework.http.HttpHeaders;

/** The headers that V1 answers carry (protocol 2.0). */
final class V1Headers {
  static final String CHECKSUM = "X-Docker-Checksum";
  static final String CHECKSUM_PAYLOAD = "X-Docker-Checksum-Payload";
  static final String SIZE = "X-Docker-Size";
  static final String TOKEN = "X-Docker-Token";
  static final String ENDPOINTS = "X-Docker-Endpoints";
  static final String REGISTRY_VERSION = "X-Docker-Registry-Version";
  static final String STANDALONE = "X-Docker-Registry-Standalone";

  private static final Duration YEAR = Duration.ofDays(365);

  private V1Headers() {}

  /** For answers that may differ the next time. */
  static HttpHeaders uncached() {
    HttpHeaders headers = new HttpHeaders();
    headers.setCacheControl("no-cache");
    headers.setPragma("no-cache");
    headers.set(HttpHeaders.EXPIRES, "-1");
    return headers;
  }

  /** For the parts of a finished image, which never change. */
  static HttpHeaders cached(Clock clock, String etag) {
    HttpHeaders headers = new HttpHeaders();
    headers.setCacheControl("public, max-age=" + YEAR.toSeconds());
    headers.setExpires(clock.instant().plus(YEAR));
    headers.setLastModified(Instant.EPOCH);
    headers.setETag(etag);
    return headers;
  }
}
