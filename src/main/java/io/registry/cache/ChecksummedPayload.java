package io.registry.cache;

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
 * Values as they lie in Redis: with a version and a checksum before them, which also covers the
 * place that they belong to. What is damaged, cut short, in the wrong place or of another version
 * shows.
 */
final class ChecksummedPayload {
  private static final byte VERSION = 1;
  private static final int HEAD = 1 + Integer.BYTES;

  private ChecksummedPayload() {}

  /** Seals a value for a place; nothing when a text in it is too long for that. */
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

  /** The value that was sealed for a place; nothing when the bytes are anything else. */
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
      // Sealed, but not by this program: as good as nothing.
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
