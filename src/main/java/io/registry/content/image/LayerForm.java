package io.registry.content.image;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.apache.commons.compress.MemoryLimitException;

/**
 * Determines by its format alone whether a layer is complete: compressed data has an end marker and
 * a checksum, and a tar states the sizes of its files. Data in neither format counts as complete.
 */
enum LayerForm {
  /** It was read to its end without an error. */
  WHOLE,
  /** It is truncated. */
  CUT,
  /** Its compression is damaged. */
  BROKEN;

  private static final int BLOCK = 512;
  private static final int BUFFER = 64 * 1024;
  private static final int SIZE_AT = 124;
  private static final int SIZE_LENGTH = 12;
  private static final int MAGIC_AT = 257;

  /**
   * Reads a layer.
   *
   * @param layer its bytes; not closed
   * @return the result
   */
  static LayerForm of(InputStream layer) {
    try {
      InputStream tar = TarSum.decompress(layer);
      return isWholeTar(tar) ? WHOLE : CUT;
    } catch (MemoryLimitException e) {
      // Decompressing it needs more memory than allowed.
      return WHOLE;
    } catch (EOFException e) {
      return CUT;
    } catch (IOException e) {
      return isEnd(e) ? CUT : BROKEN;
    }
  }

  // The libraries for bzip2 and gzip have no exception class for a truncated file.
  private static boolean isEnd(IOException failure) {
    String text = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
    return text.contains("unexpected end") || text.contains("truncated");
  }

  // Old daemons sent no end blocks, so a tar may end after any file. The data after the end blocks
  // is read too, because the compression must be complete.
  private static boolean isWholeTar(InputStream tar) throws IOException {
    byte[] block = new byte[BLOCK];
    byte[] buffer = new byte[BUFFER];
    while (true) {
      int count = tar.readNBytes(block, 0, BLOCK);
      if (count == 0) {
        return true;
      }
      if (count < BLOCK || !isHeader(block)) {
        drain(tar, buffer);
        return true;
      }
      long size = size(block);
      long padded = (size + BLOCK - 1) / BLOCK * BLOCK;
      if (size < 0 || padded < 0) {
        drain(tar, buffer);
        return true;
      }
      if (!skip(tar, size, buffer)) {
        return false;
      }
      skip(tar, padded - size, buffer);
    }
  }

  private static boolean isHeader(byte[] block) {
    return new String(block, MAGIC_AT, 5, StandardCharsets.US_ASCII).equals("ustar");
  }

  // Parses octal digits, or a base-256 number when the first bit is set.
  private static long size(byte[] block) {
    if ((block[SIZE_AT] & 0x80) != 0) {
      long size = 0;
      for (int at = SIZE_AT + SIZE_LENGTH - 8; at < SIZE_AT + SIZE_LENGTH; at++) {
        size = (size << 8) | (block[at] & 0xff);
      }
      return size;
    }
    String digits =
        new String(block, SIZE_AT, SIZE_LENGTH, StandardCharsets.US_ASCII)
            .replace('\0', ' ')
            .strip();
    if (digits.isEmpty()) {
      return 0;
    }
    return digits.chars().allMatch(c -> c >= '0' && c <= '7') ? Long.parseLong(digits, 8) : -1;
  }

  private static boolean skip(InputStream in, long bytes, byte[] buffer) throws IOException {
    long left = bytes;
    while (left > 0) {
      int count = in.read(buffer, 0, (int) Math.min(left, buffer.length));
      if (count < 0) {
        return false;
      }
      left -= count;
    }
    return true;
  }

  private static void drain(InputStream in, byte[] buffer) throws IOException {
    int count = 0;
    while (count >= 0) {
      count = in.read(buffer);
    }
  }
}
