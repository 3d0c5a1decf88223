package io.registry.operations.transfer;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** Compares streams. */
final class Streams {
  private static final int BUFFER = 64 * 1024;

  private Streams() {}

  /** Whether two streams have the same bytes. */
  static boolean areEqual(InputStream one, InputStream other) throws IOException {
    byte[] first = new byte[BUFFER];
    byte[] second = new byte[BUFFER];
    while (true) {
      int count = one.readNBytes(first, 0, BUFFER);
      int otherCount = other.readNBytes(second, 0, BUFFER);
      if (!Arrays.equals(first, 0, count, second, 0, otherCount)) {
        return false;
      }
      if (count < BUFFER) {
        return true;
      }
    }
  }
}
