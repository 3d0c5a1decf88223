package io.registry.web.api;

import org.springframework.http.ResponseEntity;
import org.springframework.web.util.UriComponentsBuilder;

/** Answers to requests that made something: what it is, and where from now on. */
final class Created {
  private Created() {}

  /**
   * The answer.
   *
   * @param body what was made
   * @param path the segments of its path below the API
   */
  static <T> ResponseEntity<T> at(T body, String... path) {
    return ResponseEntity.created(
            UriComponentsBuilder.fromPath("/api").pathSegment(path).encode().build().toUri())
        .body(body);
  }
}
