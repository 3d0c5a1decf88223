package io.registry.web.api;

import org.springframework.http.ResponseEntity;
import org.springframework.web.util.UriComponentsBuilder;

/** Builds answers to requests that created an object: its content and its location. */
final class Created {
  private Created() {}

  /**
   * Builds the answer.
   *
   * @param body the new object
   * @param path the segments of its path below the API
   */
  static <T> ResponseEntity<T> at(T body, String... path) {
    return ResponseEntity.created(
            UriComponentsBuilder.fromPath("/api").pathSegment(path).encode().build().toUri())
        .body(body);
  }
}
