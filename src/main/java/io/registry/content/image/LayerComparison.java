package io.registry.content.image;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** Compares a layer that a client has sent with a stored one. */
final class LayerComparison {
  private static final int BUFFER = 64 * 1024;
  private static final byte[] GZIP = {0x1f, (byte) 0x8b};

  private LayerComparison() {}

  /**
   * Whether two streams have the same bytes; neither is closed. The stored one is read to its end
   * in any case: if the comparison stopped at the first difference, its time would tell a client
   * block by block what a layer contains that it may not read.
   *
   * @param sent what the client has sent, of which no more is read than the stored one has
   * @param stored what is stored
   */
  static boolean isEqual(InputStream sent, InputStream stored) throws IOException {
    byte[] here = new byte[BUFFER];
    byte[] there = new byte[BUFFER];
    boolean equal = true;
    int expected;
    do {
      int count = sent.readNBytes(here, 0, BUFFER);
      expected = stored.readNBytes(there, 0, BUFFER);
      equal &= Arrays.equals(here, 0, count, there, 0, expected);
    } while (expected > 0);
    return equal;
  }

  /**
   * Whether two layers, of which at least one is compressed with gzip, have the same content.
   * Daemons of some versions compress a layer again for each push, and others send it uncompressed.
   * Decompression stops at the end of the stored layer.
   *
   * @param sent the layer of the client; not closed
   * @param stored the stored layer; not closed
   * @throws IOException when either cannot be read
   */
  static boolean isEqualUnpacked(InputStream sent, InputStream stored) throws IOException {
    PushbackInputStream one = new PushbackInputStream(sent, GZIP.length);
    PushbackInputStream other = new PushbackInputStream(stored, GZIP.length);
    boolean packed = isCompressed(one);
    boolean otherPacked = isCompressed(other);
    if (!packed && !otherPacked) {
      return false;
    }
    try {
      return isEqual(
          packed ? new GZIPInputStream(one, BUFFER) : one,
          otherPacked ? new GZIPInputStream(other, BUFFER) : other);
    } catch (ZipException | EOFException e) {
      return false;
    }
  }

  private static boolean isCompressed(PushbackInputStream in) throws IOException {
    byte[] start = in.readNBytes(GZIP.length);
    in.unread(start);
    return Arrays.equals(start, GZIP);
  }
}
