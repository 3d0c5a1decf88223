package io.registry.contents;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A block that begins an entry of a tar, in any of its dialects: v7, ustar, GNU, star. Numbers and
 * names are read as the original's library read them (protocol 2.2).
 */
final class TarHeader {
  /** The size of a block, in bytes. */
  static final int SIZE = 512;

  private static final int NAME = 100;
  private static final int CHECKSUM = 148;
  private static final int CHECKSUM_END = 156;
  private static final int TYPE = 156;
  private static final int MAGIC = 257;
  private static final int PREFIX = 345;
  private static final int PREFIX_LENGTH = 155;
  private static final int STAR_PREFIX_LENGTH = 131;
  private static final int STAR = 508;

  /** Where an old GNU sparse file has its real size, and says whether more blocks follow. */
  private static final int REAL_SIZE = 483;

  private static final int IS_EXTENDED = 482;
  private static final int IS_EXTENDED_AGAIN = 504;

  private static final int BINARY = 0x80;
  private static final int NEGATIVE = 0x40;

  private final byte[] block;

  private TarHeader(byte[] block) {
    this.block = block;
  }

  /**
   * A header.
   *
   * @param block 512 bytes
   * @throws IOException when they are none
   */
  static TarHeader of(byte[] block) throws IOException {
    if (!isIntact(block)) {
      throw new IOException("a header of the tar is damaged");
    }
    return new TarHeader(block);
  }

  /** Whether a file that begins like that may be a tar, be it one without entries. */
  static boolean isPossible(byte[] head) {
    return isZero(head) || (head.length == SIZE && isIntact(head));
  }

  /** Whether there is nothing but zeros: that is how a tar ends. */
  static boolean isZero(byte[] block) {
    for (byte each : block) {
      if (each != 0) {
        return false;
      }
    }
    return true;
  }

  // Some have added up signed bytes.
  private static boolean isIntact(byte[] block) {
    long unsigned = 0;
    long signed = 0;
    for (int i = 0; i < SIZE; i++) {
      byte each = i >= CHECKSUM && i < CHECKSUM_END ? (byte) ' ' : block[i];
      unsigned += each & 0xff;
      signed += each;
    }
    try {
      long sum = number(block, CHECKSUM, CHECKSUM_END - CHECKSUM);
      return sum == unsigned || sum == signed;
    } catch (IOException e) {
      return false;
    }
  }

  char type() {
    return (char) (block[TYPE] & 0xff);
  }

  /** The name as it stands here, without what other headers say. */
  String name() {
    String name = text(block, 0, NAME);
    boolean ustar = startsWith(MAGIC, "ustar\0");
    if (!ustar) {
      // GNU keeps times where ustar has the first part of the name.
      return name;
    }
    String prefix =
        text(block, PREFIX, startsWith(STAR, "tar\0") ? STAR_PREFIX_LENGTH : PREFIX_LENGTH);
    return prefix.isEmpty() ? name : prefix + "/" + name;
  }

  private boolean startsWith(int from, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    return Arrays.equals(block, from, from + bytes.length, bytes, 0, bytes.length);
  }

  long mode() throws IOException {
    return number(block, 100, 8);
  }

  long uid() throws IOException {
    return number(block, 108, 8);
  }

  long gid() throws IOException {
    return number(block, 116, 8);
  }

  long size() throws IOException {
    return number(block, 124, 12);
  }

  long mtime() throws IOException {
    return number(block, 136, 12);
  }

  /** Of an old GNU sparse file: its size with its holes. */
  long realSize() throws IOException {
    return number(block, REAL_SIZE, 12);
  }

  /** Of an old GNU sparse file: whether a block with more of its map follows. */
  boolean isExtended() {
    return block[IS_EXTENDED] != 0;
  }

  /** Whether after such a block another one follows. */
  static boolean isExtendedAgain(byte[] map) {
    return map[IS_EXTENDED_AGAIN] != 0;
  }

  /** Octal digits between blanks, or a binary number whose first bit says so. */
  private static long number(byte[] block, int from, int length) throws IOException {
    return (block[from] & BINARY) == 0
        ? octal(text(block, from, length).strip())
        : binary(block, from, length);
  }

  private static long octal(String digits) throws IOException {
    if (digits.isEmpty()) {
      return 0;
    }
    try {
      return Long.parseLong(digits, 8);
    } catch (NumberFormatException e) {
      throw new IOException("a number in the tar is none", e);
    }
  }

  private static long binary(byte[] block, int from, int length) throws IOException {
    int first = block[from] & 0xff;
    long number = (first & NEGATIVE) == 0 ? (first & (NEGATIVE - 1)) : (first | -BINARY);
    for (int i = from + 1; i < from + length; i++) {
      if (number != (number << 8) >> 8) {
        throw new IOException("a number in the tar is too large");
      }
      number = (number << 8) | (block[i] & 0xff);
    }
    return number;
  }

  private static String text(byte[] bytes, int from, int length) {
    int end = from;
    while (end < from + length && bytes[end] != 0) {
      end++;
    }
    return text(Arrays.copyOfRange(bytes, from, end));
  }

  /** Bytes that are UTF-8; or else taken one by one as ISO 8859-1, so that any name is one. */
  static String text(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return new String(bytes, StandardCharsets.ISO_8859_1);
    }
  }
}
