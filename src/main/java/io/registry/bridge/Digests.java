package io.registry.bridge;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** Digests as manifests and image configs write them: {@code sha256:HEX}. */
final class Digests {
  private static final Pattern FORM = Pattern.compile("sha256:[0-9a-f]{64}");

  private Digests() {}

  static String of(byte[] bytes) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      return "sha256:" + HexFormat.of().formatHex(sha256.digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  static String checked(String digest) {
    if (!FORM.matcher(digest).matches()) {
      throw new IllegalArgumentException("not a digest of the form sha256:HEX");
    }
    return digest;
  }
}
