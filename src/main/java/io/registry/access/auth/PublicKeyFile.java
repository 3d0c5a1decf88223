package io.registry.access.auth;

import io.registry.platform.problem.SetupException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the RSA public key from a PEM file, as PKCS#1 or as SubjectPublicKeyInfo. */
final class PublicKeyFile {
  static final int MIN_BITS = 2048;

  private static final String PROPERTY = "registry.auth.privileged-keys";
  private static final Pattern PEM =
      Pattern.compile(
          "-----BEGIN (RSA )?PUBLIC KEY-----([A-Za-z0-9+/=\\s]*)-----END (RSA )?PUBLIC KEY-----");

  /** The DER encoding of the algorithm rsaEncryption with NULL parameters. */
  private static final byte[] RSA = HexFormat.of().parseHex("300d06092a864886f70d0101010500");

  private static final int SEQUENCE = 0x30;
  private static final int BIT_STRING = 0x03;

  private PublicKeyFile() {}

  /**
   * Reads a key.
   *
   * @throws SetupException when the file has no usable key
   */
  static RSAPublicKey read(Path file) {
    Matcher pem = PEM.matcher(content(file));
    if (!pem.find()) {
      throw unusable(file, "holds no public key", null);
    }
    boolean pkcs1 = pem.group(1) != null;
    if (pkcs1 != (pem.group(3) != null)) {
      throw unusable(file, "ends its key in another way than it begins it", null);
    }
    RSAPublicKey key = parse(file, pkcs1, pem.group(2));
    if (pem.find()) {
      throw unusable(file, "holds more than one public key", null);
    }
    if (key.getModulus().bitLength() < MIN_BITS) {
      throw unusable(
          file,
          "holds a key of %d bits, which is less than %d"
              .formatted(key.getModulus().bitLength(), MIN_BITS),
          null);
    }
    return key;
  }

  private static RSAPublicKey parse(Path file, boolean pkcs1, String base64) {
    try {
      byte[] der = Base64.getMimeDecoder().decode(base64);
      byte[] info = pkcs1 ? withAlgorithm(der) : der;
      return (RSAPublicKey)
          KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(info));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw unusable(file, "holds no RSA public key that can be read", e);
    }
  }

  private static String content(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw unusable(file, "cannot be read (" + e.getClass().getSimpleName() + ")", e);
    }
  }

  // Java reads SubjectPublicKeyInfo only: SEQUENCE { algorithm, BIT STRING { the PKCS#1 key } }.
  private static byte[] withAlgorithm(byte[] key) {
    byte[] bits = new byte[key.length + 1];
    System.arraycopy(key, 0, bits, 1, key.length);
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    content.writeBytes(RSA);
    content.writeBytes(der(BIT_STRING, bits));
    return der(SEQUENCE, content.toByteArray());
  }

  private static byte[] der(int tag, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    if (content.length < 0x80) {
      out.write(content.length);
    } else {
      byte[] length = BigInteger.valueOf(content.length).toByteArray();
      int start = length[0] == 0 ? 1 : 0;
      out.write(0x80 | (length.length - start));
      out.write(length, start, length.length - start);
    }
    out.writeBytes(content);
    return out.toByteArray();
  }

  private static SetupException unusable(Path file, String why, @Nullable Throwable cause) {
    String problem = "The file " + file + " of " + PROPERTY + " " + why;
    String remedy =
        "Give a PEM file with one RSA public key of at least "
            + MIN_BITS
            + " bits, as written by: openssl rsa -in private.pem -pubout";
    return cause == null
        ? new SetupException(problem, remedy)
        : new SetupException(problem, remedy, cause);
  }
}
