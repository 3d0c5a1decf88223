package io.registry.access.index;

import io.registry.platform.problem.SetupException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/**
 * Encrypts the signing keys for the database, so that a copy of the database alone forges no
 * tokens. The cipher is AES key wrap (RFC 3394), which notices another key and a changed value.
 */
final class KeySeal {
  private static final String CIPHER = "AESWrap";
  private static final String SEALED = "sealed:";
  private static final String REMEDY =
      "Set registry.index.key-secret to the value with which the keys were written. If it is lost,"
          + " empty the table signing_key: new keys are made, and all clients sign in again";

  private final Optional<SecretKeySpec> key;

  /**
   * Creates the seal.
   *
   * @param secret any text that cannot be guessed; empty to leave keys as they are
   */
  KeySeal(String secret) {
    this.key =
        secret.isEmpty()
            ? Optional.empty()
            : Optional.of(
                new SecretKeySpec(
                    Secrets.hmac(
                        secret.getBytes(StandardCharsets.UTF_8), List.of("signing keys at rest")),
                    "AES"));
  }

  /** Encodes a key for the database. */
  String seal(byte[] signingKey) {
    if (key.isEmpty()) {
      return Base64.getEncoder().encodeToString(signingKey);
    }
    try {
      Cipher cipher = Cipher.getInstance(CIPHER);
      cipher.init(Cipher.WRAP_MODE, key.get());
      return SEALED
          + Base64.getEncoder().encodeToString(cipher.wrap(new SecretKeySpec(signingKey, "AES")));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Decodes a key from the database, also one that was written without a seal.
   *
   * @throws SetupException when it was sealed with another secret
   */
  byte[] open(String stored) {
    if (!stored.startsWith(SEALED)) {
      return Base64.getDecoder().decode(stored);
    }
    if (key.isEmpty()) {
      throw new SetupException(
          "The signing keys in the database are encrypted, and registry.index.key-secret is empty",
          REMEDY);
    }
    try {
      Cipher cipher = Cipher.getInstance(CIPHER);
      cipher.init(Cipher.UNWRAP_MODE, key.get());
      return cipher
          .unwrap(
              Base64.getDecoder().decode(stored.substring(SEALED.length())),
              "AES",
              Cipher.SECRET_KEY)
          .getEncoded();
    } catch (GeneralSecurityException e) {
      throw new SetupException(
          "The signing keys in the database were encrypted with another registry.index.key-secret",
          REMEDY,
          e);
    }
  }

  /** Whether a key from the database is still to be sealed. */
  boolean isMissingOn(String stored) {
    return key.isPresent() && !stored.startsWith(SEALED);
  }
}
