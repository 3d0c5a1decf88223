package io.registry.contents;

import io.airlift.compress.zstd.ZstdInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.tukaani.xz.LZMAInputStream;
import org.tukaani.xz.XZInputStream;

/** Detects how a layer is compressed, by its first bytes, and decompresses it. */
final class Compression {
  private static final int BUFFER = 64 * 1024;
  private static final byte[] GZIP = {0x1f, (byte) 0x8b};
  private static final byte[] BZIP2 = {'B', 'Z', 'h'};
  private static final byte[] XZ = {(byte) 0xfd, '7', 'z', 'X', 'Z', 0};
  private static final byte[] ZSTD = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd};
  private static final byte[] ZSTD_SKIPPED = {0x2a, 0x4d, 0x18};

  /** One byte of properties, the size of the dictionary, the size of the content. */
  private static final int LZMA_HEADER = 13;

  private static final int MAX_LZMA_PROPERTIES = 224;
  private static final long MAX_LZMA_SIZE = 1L << 38;

  private Compression() {}

  /**
   * Decompresses a layer.
   *
   * @param layer its bytes
   * @param memory the largest amount of memory to use, in bytes
   * @return the decompressed bytes; the caller closes them, which does not close the layer
   * @throws IOException when it begins like a compressed file, but is not valid
   */
  static InputStream unpack(LayerSource layer, long memory) throws IOException {
    // A valid tar header makes it a tar, whatever compression its first bytes also look like.
    byte[] head = layer.readNBytes(TarHeader.SIZE);
    PushbackInputStream in = new PushbackInputStream(layer, TarHeader.SIZE);
    in.unread(head);
    int kib = (int) Math.min(Integer.MAX_VALUE, memory / 1024);
    if (startsWith(head, 0, GZIP)) {
      return new GZIPInputStream(in, BUFFER);
    }
    if (startsWith(head, 0, BZIP2)) {
      return new BZip2CompressorInputStream(in, true);
    }
    if (startsWith(head, 0, XZ)) {
      return new XZInputStream(in, kib);
    }
    if (startsWith(head, 0, ZSTD) || startsWith(head, 1, ZSTD_SKIPPED)) {
      return new ZstdInputStream(new ZstdFrames(in));
    }
    if (!TarHeader.isPossible(head) && isLzma(head)) {
      return new LZMAInputStream(in, kib);
    }
    return in;
  }

  private static boolean startsWith(byte[] bytes, int from, byte[] start) {
    if (bytes.length < from + start.length) {
      return false;
    }
    return ByteBuffer.wrap(bytes, from, start.length).equals(ByteBuffer.wrap(start));
  }

  // The format has no magic number, but only few dictionary sizes are in use.
  private static boolean isLzma(byte[] head) {
    if (head.length < LZMA_HEADER || (head[0] & 0xff) > MAX_LZMA_PROPERTIES) {
      return false;
    }
    ByteBuffer header = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
    long dictionary = Integer.toUnsignedLong(header.getInt(1));
    long size = header.getLong(5);
    return isRound(dictionary) && (size == -1 || (size >= 0 && size < MAX_LZMA_SIZE));
  }

  private static boolean isRound(long dictionary) {
    return Long.bitCount(dictionary) == 1
        || (Long.bitCount(dictionary) == 2
            && Long.numberOfLeadingZeros(dictionary) + 1
                == Long.numberOfLeadingZeros(dictionary - Long.highestOneBit(dictionary)))
        || dictionary == 0xffffffffL;
  }
}
