package io.registry.storage.gcs;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Encodes and compares checksums as the service writes them. */
final class Checksums {
  private Checksums() {}

  static String base64(CRC32C sum) {
    return base64(ByteBuffer.allocate(Integer.BYTES).putInt((int) sum.getValue()).array());
  }

  /**
   * Whether the service has stored what was sent. It may not report a checksum, because some kinds
   * of encryption prevent that, and it has verified the checksum before.
   */
  static boolean agree(String sent, @Nullable String stored) {
    return stored == null || stored.equals(sent);
  }

  static String base64(byte[] digest) {
    return Base64.getEncoder().encodeToString(digest);
  }
}
