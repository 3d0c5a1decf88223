package io.registry.image;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PushbackInputStream;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Compares a layer that is sent with one that is stored. Daemons compress a layer anew for each
 * push, so of two that are compressed the contents count. Nothing is kept, and what is sent is
 * decompressed no further than it agrees.
 */
final class LayerComparison {
  private static final int BUFFER = 64 * 1024;
  private static final byte[] GZIP = {0x1f, (byte) 0x8b};

  private LayerComparison() {}

  /**
   * Tells whether two layers are the same.
   *
   * @param sent what is sent; read to its end when they are the same, not closed
   * @param stored what is stored; not closed
   * @throws IOException when either cannot be read
   */
  static boolean isSame(InputStream sent, InputStream stored) throws IOException {
    PushbackInputStream one = new PushbackInputStream(sent, GZIP.length);
    PushbackInputStream other = new PushbackInputStream(stored, GZIP.length);
    if (!isCompressed(one) || !isCompressed(other)) {
      return isEqual(one, other);
    }
    try {
      boolean same = isEqual(new GZIPInputStream(one, BUFFER), new GZIPInputStream(other, BUFFER));
      if (same) {
        // What the decompression left is read too, for the checksum of what was sent.
        long unused = one.transferTo(OutputStream.nullOutputStream());
      }
      return same;
    } catch (ZipException e) {
      return false;
    }
  }

  private static boolean isCompressed(PushbackInputStream in) throws IOException {
    byte[] start = in.readNBytes(GZIP.length);
    in.unread(start);
    return Arrays.equals(start, GZIP);
  }

  private static boolean isEqual(InputStream one, InputStream other) throws IOException {
    byte[] here = new byte[BUFFER];
    byte[] there = new byte[BUFFER];
    int count;
    do {
      count = one.readNBytes(here, 0, BUFFER);
      int expected = other.readNBytes(there, 0, BUFFER);
      if (!Arrays.equals(here, 0, count, there, 0, expected)) {
        return false;
      }
    } while (count > 0);
    return true;
  }
}
