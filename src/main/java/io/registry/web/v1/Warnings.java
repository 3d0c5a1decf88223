package io.registry.web.v1;

import io.registry.repository.MaybeStale;
import org.springframework.http.HttpHeaders;

/** What is to be known of an answer that may be out of date (RFC 7234, 5.5). */
final class Warnings {
  private static final String STALE = "110 - \"Response is Stale\"";
  private static final String NOT_ASKED = "111 - \"Revalidation Failed\"";

  private Warnings() {}

  /** Says in the headers of an answer what there is to say of what was found. */
  static void add(HttpHeaders headers, MaybeStale<?> found) {
    if (found.isStale()) {
      headers.add(HttpHeaders.WARNING, STALE);
      headers.add(HttpHeaders.WARNING, NOT_ASKED);
    }
  }
}
