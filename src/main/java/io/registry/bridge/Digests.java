package io.registry.bridge;

import io.registry.manifest.Digest;

/** Digests as manifests and image configs write them: {@code sha256:HEX}. */
final class Digests {
  private Digests() {}

  static String checked(String text) {
    return Digest.find(text)
        .filter(digest -> digest.algorithm().equals("sha256"))
        .orElseThrow(() -> new IllegalArgumentException("not a digest of the form sha256:HEX"))
        .toString();
  }
}
