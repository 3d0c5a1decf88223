package io.registry.image;

import java.security.MessageDigest;

/** Computes the simple checksum: SHA-256 over the JSON, a line feed and the layer. */
final class LayerDigest {
  private final MessageDigest digest = Checksum.sha256();

  LayerDigest(byte[] json) {
    digest.update(json);
    digest.update((byte) '\n');
  }

  void update(byte[] bytes, int offset, int length) {
    digest.update(bytes, offset, length);
  }

  /** The checksum; call it once, after all bytes were added. */
  Checksum sum() {
    return Checksum.simple(digest);
  }
}
