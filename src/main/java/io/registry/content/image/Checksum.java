package io.registry.content.image;

import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * A checksum of an image as clients write it (protocol 3). Two checksums are equal if their texts
 * are.
 *
 * @param value {@code sha256:HEX} over JSON, line feed and layer bytes, or {@code
 *     tarsum+sha256:HEX}
 */
public record Checksum(String value) {

  /**
   * The simple checksum, from a digest.
   *
   * @param digest was updated with the JSON, a line feed and the layer
   * @return the checksum
   */
  static Checksum simple(MessageDigest digest) {
    return new Checksum("sha256:" + HexFormat.of().formatHex(digest.digest()));
  }

  /**
   * Whether this is a simple checksum, the only kind that does not depend on the entries of the
   * layer's tar.
   */
  boolean isSimple() {
    return value.startsWith("sha256:");
  }

  /** Whether this is a tarsum, computed over the entries of the layer's tar. */
  public boolean isTarSum() {
    return value.startsWith("tarsum");
  }

  @Override
  public String toString() {
    return value;
  }
}
