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

/** How a layer is packed: found out by how it begins. */
public enum Compression {
  /** Not packed. */
  NONE,
  /** Packed with gzip. */
  GZIP,
  /** Packed with bzip2. */
  BZIP2,
  /** Packed with xz. */
  XZ,
  /** Packed with lzma. */
  LZMA,
  /** Packed with Zstandard. */
  ZSTD;

  private static final int BUFFER = 64 * 1024;
  private static final byte[] GZIP_MAGIC = {0x1f, (byte) 0x8b};
  private static final byte[] BZIP2_MAGIC = {'B', 'Z', 'h'};
  private static final byte[] XZ_MAGIC = {(byte) 0xfd, '7', 'z', 'X', 'Z', 0};
  private static final byte[] ZSTD_MAGIC = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd};
  private static final byte[] ZSTD_SKIPPED = {0x2a, 0x4d, 0x18};

  /** One byte of properties, the size of the dictionary, the size of the content. */
  private static final int LZMA_HEADER = 13;

  private static final int MAX_LZMA_PROPERTIES = 224;
  private static final long MAX_LZMA_SIZE = 1L << 38;

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
    return of(head).unpack(in, memory);
  }

  /**
   * Finds out how a layer is packed.
   *
   * @param head its first 512 bytes, or all when it is shorter
   */
  static Compression of(byte[] head) {
    if (startsWith(head, 0, GZIP_MAGIC)) {
      return GZIP;
    }
    if (startsWith(head, 0, BZIP2_MAGIC)) {
      return BZIP2;
    }
    if (startsWith(head, 0, XZ_MAGIC)) {
      return XZ;
    }
    if (startsWith(head, 0, ZSTD_MAGIC) || startsWith(head, 1, ZSTD_SKIPPED)) {
      return ZSTD;
    }
    // A header that fits makes it a tar, whatever it may look like otherwise.
    return !TarHeader.isPossible(head) && isLzma(head) ? LZMA : NONE;
  }

  /**
   * Unpacks what is packed like this.
   *
   * @param in the packed bytes
   * @param memory how much memory unpacking may take, in bytes
   * @return the unpacked bytes; the caller closes them
   * @throws IOException when the bytes are not packed like this
   */
  InputStream unpack(InputStream in, long memory) throws IOException {
    int kib = (int) Math.min(Integer.MAX_VALUE, memory / 1024);
    return switch (this) {
      case NONE -> in;
      case GZIP -> new GZIPInputStream(in, BUFFER);
      case BZIP2 -> new BZip2CompressorInputStream(in, true);
      case XZ -> new XZInputStream(in, kib);
      case ZSTD -> new ZstdInputStream(new ZstdFrames(in));
      case LZMA -> new LZMAInputStream(in, kib);
    };
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
