package io.registry.web.v1;

import jakarta.servlet.http.HttpServletResponse;
import org.springframework.http.HttpHeaders;

/** The headers of V1 answers (protocol 2.0). */
final class V1Headers {
  static final String CHECKSUM = "X-Docker-Checksum";
  static final String CHECKSUM_PAYLOAD = "X-Docker-Checksum-Payload";
  static final String SIZE = "X-Docker-Size";
  static final String TOKEN = "X-Docker-Token";
  static final String ENDPOINTS = "X-Docker-Endpoints";
  static final String REGISTRY_VERSION = "X-Docker-Registry-Version";
  static final String STANDALONE = "X-Docker-Registry-Standalone";

  private V1Headers() {}

  /** Adds headers to an answer that is written without Spring. */
  static void addTo(HttpServletResponse response, HttpHeaders headers) {
    headers.forEach((name, values) -> values.forEach(value -> response.addHeader(name, value)));
  }

  /** The headers that forbid caching. */
  static HttpHeaders uncached() {
    HttpHeaders headers = new HttpHeaders();
    headers.setCacheControl("no-cache");
    headers.setPragma("no-cache");
    headers.set(HttpHeaders.EXPIRES, "-1");
    return headers;
  }
}
