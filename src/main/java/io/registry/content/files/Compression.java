package io.registry.content.files;

import io.airlift.compress.zstd.ZstdInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;
import org.apache.commons.compress.compressors.zstandard.ZstdUtils;
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

  /** One byte of properties, the size of the dictionary, the size of the content. */
  private static final int LZMA_HEADER = 13;

  private static final int MAX_LZMA_PROPERTIES = 224;
  private static final long MAX_LZMA_SIZE = 1L << 38;

  /**
   * Unpacks a layer.
   *
   * @param layer its bytes
   * @param memory how much memory unpacking may take, in bytes
   * @return the unpacked bytes; the caller closes them, which need not close the layer
   * @throws IOException when the layer begins like a packed file and is none
   */
  static InputStream unpack(InputStream layer, long memory) throws IOException {
    PushbackInputStream in = new PushbackInputStream(layer, TarHeader.SIZE);
    return peek(in).open(in, memory);
  }

  /**
   * Finds out how a layer is packed.
   *
   * @param layer its bytes, which stay unread; can push back 512 bytes
   * @throws IOException when the layer cannot be read
   */
  static Compression peek(PushbackInputStream layer) throws IOException {
    byte[] head = layer.readNBytes(TarHeader.SIZE);
    layer.unread(head);
    return of(head);
  }

  private static Compression of(byte[] head) {
    if (GzipCompressorInputStream.matches(head, head.length)) {
      return GZIP;
    }
    if (BZip2CompressorInputStream.matches(head, head.length)) {
      return BZIP2;
    }
    if (XZCompressorInputStream.matches(head, head.length)) {
      return XZ;
    }
    if (ZstdUtils.matches(head, head.length)) {
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
  InputStream open(InputStream in, long memory) throws IOException {
    int kib = (int) Math.min(Integer.MAX_VALUE, memory / 1024);
    return switch (this) {
      case NONE -> in;
      case GZIP -> new GzipMembers(in);
      case BZIP2 -> new BZip2CompressorInputStream(in, true);
      case XZ -> new XZInputStream(in, kib);
      case ZSTD -> new ZstdInputStream(new ZstdFrames(in));
      case LZMA -> new LZMAInputStream(in, kib);
    };
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
