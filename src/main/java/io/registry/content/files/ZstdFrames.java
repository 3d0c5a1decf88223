package io.registry.content.files;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Removes the skippable frames from a Zstandard file (RFC 8878), which the decompressor does not
 * support. Parses only as much of the format as is needed to find the end of a frame.
 */
final class ZstdFrames extends FilterInputStream {
  private static final long MAGIC = 0xfd2fb528L;
  private static final long SKIPPED_MAGIC = 0x184d2a50L;
  private static final long SKIPPED_MASK = 0xfffffff0L;
  private static final int CHECKSUM = 0x04;
  private static final int SINGLE_SEGMENT = 0x20;
  private static final int[] DICTIONARY_SIZES = {0, 1, 2, 4};
  private static final int[] CONTENT_SIZES = {0, 2, 4, 8};
  private static final int RUN = 1;

  /** Bytes that were read to find the end of a frame, and have yet to be returned. */
  private byte[] ahead = new byte[0];

  private int passed;

  /** The number of following bytes that are returned without being parsed. */
  private long rest;

  private boolean inFrame;
  private boolean lastBlock;
  private boolean checksum;

  ZstdFrames(InputStream in) {
    super(in);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    while (passed == ahead.length && rest == 0) {
      if (!advance()) {
        return -1;
      }
    }
    if (passed < ahead.length) {
      int count = Math.min(length, ahead.length - passed);
      System.arraycopy(ahead, passed, bytes, offset, count);
      passed += count;
      return count;
    }
    int count = in.read(bytes, offset, (int) Math.min(length, rest));
    if (count < 0) {
      throw new EOFException("a frame is cut short");
    }
    rest -= count;
    return count;
  }

  // Advances to the next part of a frame; false at the end of all frames.
  private boolean advance() throws IOException {
    if (!inFrame) {
      return beginFrame();
    }
    if (!lastBlock) {
      beginBlock();
      return true;
    }
    inFrame = false;
    rest = checksum ? Integer.BYTES : 0;
    return true;
  }

  private boolean beginFrame() throws IOException {
    byte[] magic = in.readNBytes(Integer.BYTES);
    while (magic.length == Integer.BYTES && (number(magic, 0, 4) & SKIPPED_MASK) == SKIPPED_MAGIC) {
      in.skipNBytes(number(need(Integer.BYTES), 0, 4));
      magic = in.readNBytes(Integer.BYTES);
    }
    if (magic.length == 0) {
      return false;
    }
    if (magic.length < Integer.BYTES || number(magic, 0, 4) != MAGIC) {
      throw new IOException("what follows a frame is none");
    }
    int descriptor = need(1)[0] & 0xff;
    boolean single = (descriptor & SINGLE_SEGMENT) != 0;
    int contentSize = single && (descriptor >> 6) == 0 ? 1 : CONTENT_SIZES[descriptor >> 6];
    byte[] more = need((single ? 0 : 1) + DICTIONARY_SIZES[descriptor & 3] + contentSize);
    checksum = (descriptor & CHECKSUM) != 0;
    lastBlock = false;
    inFrame = true;
    pass(join(join(magic, new byte[] {(byte) descriptor}), more));
    return true;
  }

  private void beginBlock() throws IOException {
    byte[] header = need(3);
    long bits = number(header, 0, 3);
    lastBlock = (bits & 1) != 0;
    rest = ((bits >> 1) & 3) == RUN ? 1 : bits >> 3;
    pass(header);
  }

  private void pass(byte[] bytes) {
    ahead = bytes;
    passed = 0;
  }

  private byte[] need(int count) throws IOException {
    byte[] bytes = in.readNBytes(count);
    if (bytes.length < count) {
      throw new EOFException("a frame is cut short");
    }
    return bytes;
  }

  private static byte[] join(byte[] some, byte[] more) {
    byte[] all = new byte[some.length + more.length];
    System.arraycopy(some, 0, all, 0, some.length);
    System.arraycopy(more, 0, all, some.length, more.length);
    return all;
  }

  private static long number(byte[] bytes, int from, int length) {
    long number = 0;
    for (int i = length - 1; i >= 0; i--) {
      number = (number << 8) | (bytes[from + i] & 0xff);
    }
    return number;
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
