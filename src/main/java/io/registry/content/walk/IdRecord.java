package io.registry.content.walk;

import io.registry.content.image.ImageId;
import java.util.HexFormat;

/** Encodes image ids as records of fixed length: their digits in pairs, and the number of pairs. */
final class IdRecord {
  /** In bytes. */
  static final int LENGTH = 33;

  private static final int COUNT_AT = LENGTH - 1;

  private IdRecord() {}

  static byte[] of(ImageId id) {
    byte[] digits = HexFormat.of().parseHex(id.value());
    byte[] bytes = new byte[LENGTH];
    System.arraycopy(digits, 0, bytes, 0, digits.length);
    bytes[COUNT_AT] = (byte) digits.length;
    return bytes;
  }

  static ImageId id(byte[] bytes) {
    return new ImageId(HexFormat.of().formatHex(bytes, 0, bytes[COUNT_AT]));
  }
}
