package io.registry.content.manifest;

import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * The digest by which content is addressed (OCI image-spec, descriptor).
 *
 * @param algorithm {@code sha256} or {@code sha512}
 * @param hex the hash in lower-case hexadecimal digits
 */
public record Digest(String algorithm, String hex) {
  private static final String SHA256 = "sha256";
  private static final Pattern FORM = Pattern.compile("sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}");

  /**
   * Reads a digest.
   *
   * @param text {@code algorithm:hex}
   * @return the digest; nothing when the text is not a digest of a supported algorithm
   */
  public static Optional<Digest> find(String text) {
    if (!FORM.matcher(text).matches()) {
      return Optional.empty();
    }
    int colon = text.indexOf(':');
    return Optional.of(new Digest(text.substring(0, colon), text.substring(colon + 1)));
  }

  /** The SHA-256 digest of some bytes. */
  public static Digest of(byte[] bytes) {
    return ofHash(sha256().digest(bytes));
  }

  /** The digest whose hash, by SHA-256, was computed elsewhere. */
  public static Digest ofHash(byte[] sha256) {
    return new Digest(SHA256, HexFormat.of().formatHex(sha256));
  }

  /** A new computation of SHA-256. */
  public static MessageDigest sha256() {
    return DigestUtils.getSha256Digest();
  }

  /** A new computation of the hash of this digest's algorithm. */
  public MessageDigest newHash() {
    return isSha256() ? sha256() : DigestUtils.getSha512Digest();
  }

  /** Whether the algorithm is SHA-256. */
  public boolean isSha256() {
    return algorithm.equals(SHA256);
  }

  /** Whether a hash, computed with {@link #newHash}, is that of this digest. */
  public boolean isOf(byte[] hash) {
    return hex.equals(HexFormat.of().formatHex(hash));
  }

  /** Whether this is the digest of some bytes. */
  public boolean isDigestOf(byte[] bytes) {
    return isOf(newHash().digest(bytes));
  }

  @Override
  public String toString() {
    return algorithm + ":" + hex;
  }
}
