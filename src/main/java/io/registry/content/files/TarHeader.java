package io.registry.content.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The header block of a tar entry, in any dialect: v7, ustar, GNU, star. Numbers and names are
 * parsed like in the original's library (protocol 2.2).
 */
final class TarHeader {
  /** The size of a block, in bytes. */
  static final int SIZE = 512;

  private static final int NAME = 100;
  private static final int CHECKSUM = 148;
  private static final int CHECKSUM_END = 156;
  private static final int TYPE = 156;
  private static final int LINK = 157;
  private static final int MAGIC = 257;
  private static final int PREFIX = 345;
  private static final int PREFIX_LENGTH = 155;
  private static final int STAR_PREFIX_LENGTH = 131;
  private static final int STAR = 508;

  /**
   * The offset of the real size in the header of an old GNU sparse file; the flag for further
   * blocks follows it.
   */
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
   * Parses a header.
   *
   * @param block 512 bytes
   * @throws IOException when it is damaged
   */
  static TarHeader of(byte[] block) throws IOException {
    if (!isIntact(block)) {
      throw new IOException("a header of the tar is damaged");
    }
    return new TarHeader(block);
  }

  /** Whether a file that begins with these bytes may be a tar, even one without entries. */
  static boolean isPossible(byte[] head) {
    return isZero(head) || (head.length == SIZE && isIntact(head));
  }

  /** Whether the block contains only zeros, which marks the end of a tar. */
  static boolean isZero(byte[] block) {
    for (byte each : block) {
      if (each != 0) {
        return false;
      }
    }
    return true;
  }

  // Some programs have computed the checksum with signed bytes.
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

  /** The name in this header, regardless of extended headers. */
  String name() {
    String name = text(block, 0, NAME);
    boolean ustar = startsWith(MAGIC, "ustar\0");
    if (!ustar) {
      // GNU headers have times at the position of ustar's name prefix.
      return name;
    }
    String prefix =
        text(block, PREFIX, startsWith(STAR, "tar\0") ? STAR_PREFIX_LENGTH : PREFIX_LENGTH);
    return prefix.isEmpty() ? name : prefix + "/" + name;
  }

  /** The target of a link in this header, regardless of extended headers. */
  String link() {
    return text(block, LINK, NAME);
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

  /** The size of an old GNU sparse file including its holes. */
  long realSize() throws IOException {
    return number(block, REAL_SIZE, 12);
  }

  /** Whether another block of an old GNU sparse file's map follows. */
  boolean isExtended() {
    return block[IS_EXTENDED] != 0;
  }

  /** Whether another block follows such a block. */
  static boolean isExtendedAgain(byte[] map) {
    return map[IS_EXTENDED_AGAIN] != 0;
  }

  /** Parses octal digits between blanks, or a binary number, which the first bit marks. */
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

  /** Decodes UTF-8; invalid UTF-8 is decoded as ISO 8859-1, so that every name is valid. */
  static String text(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return new String(bytes, StandardCharsets.ISO_8859_1);
    }
  }
}
