package io.registry.access.index;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.apache.commons.codec.digest.DigestUtils;

/** Generates random secrets, and computes hashes and signatures. */
final class Secrets {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final String MAC = "HmacSHA256";
  private static final int BYTES = 32;

  private Secrets() {}

  static byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    RANDOM.nextBytes(bytes);
    return bytes;
  }

  /** A number that cannot be guessed and does not overflow when it is incremented a few times. */
  static long number() {
    return RANDOM.nextLong() >>> 2;
  }

  /** A random secret of 256 bits, in letters, digits, hyphens and underscores. */
  static String random() {
    return base64(bytes(BYTES));
  }

  static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  static String sha256(String secret) {
    return DigestUtils.sha256Hex(secret);
  }

  /**
   * Signs texts. Each is preceded by its length, so that no other list of texts has the same
   * signature.
   */
  static byte[] hmac(byte[] key, List<String> texts) {
    try {
      Mac mac = Mac.getInstance(MAC);
      mac.init(new SecretKeySpec(key, MAC));
      for (String text : texts) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        mac.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
        mac.update(bytes);
      }
      return mac.doFinal();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
