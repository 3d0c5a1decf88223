package io.registry.web.http;

import io.registry.storage.Blob;
import io.registry.storage.ByteRange;
import io.registry.storage.UnsatisfiableRangeException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Several ranges of one blob in one body (RFC 9110, 15.3.7.2), in the order in which the client
 * asks for them.
 */
final class MultipartRanges {
  private final List<ByteRange> ranges;
  private final long size;
  private final String type;
  private final String boundary =
      Long.toHexString(ThreadLocalRandom.current().nextLong() | Long.MIN_VALUE);

  /**
   * A body.
   *
   * @param ranges those that the blob has, as {@link #of} tells them
   * @param size the size of the blob in bytes
   * @param type the media type of the blob
   */
  MultipartRanges(List<ByteRange> ranges, long size, String type) {
    this.ranges = ranges;
    this.size = size;
    this.type = type;
  }

  /**
   * The ranges that a client gets of those that it asks for.
   *
   * @param asked several ranges
   * @param size the size of the blob in bytes; negative when it is not known
   * @return those that the blob has; none when the whole blob is less than what they cover
   * @throws UnsatisfiableRangeException when the blob has none of them
   */
  static List<ByteRange> of(List<ByteRange> asked, long size) {
    if (size < 0) {
      return List.of();
    }
    List<ByteRange> found = asked.stream().filter(range -> isWithin(range, size)).toList();
    if (found.isEmpty()) {
      throw new UnsatisfiableRangeException(size);
    }
    return found.stream().mapToLong(range -> range.length(size)).sum() > size ? List.of() : found;
  }

  private static boolean isWithin(ByteRange range, long size) {
    return range.first() < 0 ? size > 0 : range.first() < size;
  }

  String contentType() {
    return "multipart/byteranges; boundary=" + boundary;
  }

  /** The length of the body in bytes. */
  long length() {
    return ranges.stream().mapToLong(range -> before(range).length + range.length(size)).sum()
        + end().length;
  }

  /** Writes the body. */
  void write(BlobSource source, OutputStream out) throws IOException {
    for (ByteRange range : ranges) {
      out.write(before(range));
      try (Blob part = source.open(range)) {
        part.body().transferTo(out);
      }
    }
    out.write(end());
  }

  private byte[] before(ByteRange range) {
    long offset = range.offset(size);
    return "\r\n--%s\r\nContent-Type: %s\r\nContent-Range: bytes %d-%d/%d\r\n\r\n"
        .formatted(boundary, type, offset, offset + range.length(size) - 1, size)
        .getBytes(StandardCharsets.US_ASCII);
  }

  private byte[] end() {
    return "\r\n--%s--\r\n".formatted(boundary).getBytes(StandardCharsets.US_ASCII);
  }
}
