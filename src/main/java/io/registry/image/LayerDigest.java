package io.registry.image;

import java.security.MessageDigest;

/** The digest behind the simple checksum: over the JSON, a line feed and the layer. */
final class LayerDigest {
  private final MessageDigest digest = Checksum.sha256();

  LayerDigest(byte[] json) {
    digest.update(json);
    digest.update((byte) '\n');
  }

  void update(byte[] bytes, int offset, int length) {
    digest.update(bytes, offset, length);
  }

  /** The checksum; asked once, when all bytes were added. */
  Checksum sum() {
    return Checksum.simple(digest);
  }
}
