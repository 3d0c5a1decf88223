package io.registry.features.cache;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UTFDataFormatException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The format of values in Redis: a version and a checksum, which also covers the key, precede the
 * value. So values that are damaged, truncated, under a wrong key or of another version are
 * detected.
 */
final class ChecksummedPayload {
  private static final byte VERSION = 1;
  private static final int HEAD = 1 + Integer.BYTES;

  private ChecksummedPayload() {}

  /** Encodes a value for a key; empty when a text in it is too long for the format. */
  static <V> Optional<byte[]> seal(String place, Codec<V> codec, V value) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      codec.write(value, new DataOutputStream(bytes));
    } catch (UTFDataFormatException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new IllegalStateException("There is no reason to fail in memory", e);
    }
    byte[] content = bytes.toByteArray();
    return Optional.of(
        ByteBuffer.allocate(HEAD + content.length)
            .put(VERSION)
            .putInt(checksum(place, content, 0))
            .put(content)
            .array());
  }

  /** Decodes the value of a key; empty when the bytes are not a valid encoding for that key. */
  static <V> Optional<V> open(String place, Codec<V> codec, byte[] sealed) {
    if (sealed.length < HEAD
        || sealed[0] != VERSION
        || ByteBuffer.wrap(sealed, 1, Integer.BYTES).getInt() != checksum(place, sealed, HEAD)) {
      return Optional.empty();
    }
    try (DataInputStream in =
        new DataInputStream(new ByteArrayInputStream(sealed, HEAD, sealed.length - HEAD))) {
      V value = codec.read(in);
      return in.available() == 0 ? Optional.of(value) : Optional.empty();
    } catch (IOException | RuntimeException e) {
      // The checksum is right but the content is not: it was written by another program.
      return Optional.empty();
    }
  }

  private static int checksum(String place, byte[] bytes, int from) {
    CRC32C checksum = new CRC32C();
    checksum.update(place.getBytes(StandardCharsets.UTF_8));
    checksum.update(bytes, from, bytes.length - from);
    return (int) checksum.getValue();
  }
}
