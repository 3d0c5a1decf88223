package io.registry.bridge;

import io.registry.content.manifest.Digest;
import java.util.Optional;

/** Digests as manifests and image configs write them: {@code sha256:HEX}. */
final class Digests {
  private Digests() {}

  /** Reads a digest; empty when the text has another form. */
  static Optional<Digest> find(String text) {
    return Digest.find(text).filter(digest -> digest.algorithm().equals("sha256"));
  }

  static String checked(String text) {
    return find(text)
        .orElseThrow(() -> new IllegalArgumentException("not a digest of the form sha256:HEX"))
        .toString();
  }
}
