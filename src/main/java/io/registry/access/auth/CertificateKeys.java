package io.registry.access.auth;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.codec.binary.Base32;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * The keys of certificates in PEM, with the ids by which token services of Distribution name them:
 * the fingerprint of libtrust (Distribution, token authentication, "JWT header").
 */
final class CertificateKeys {
  private static final int FINGERPRINT_BYTES = 30;

  private CertificateKeys() {}

  /**
   * Reads certificates.
   *
   * @throws ParseException when there is one that cannot be read
   */
  static JWKSet parse(String pem) throws ParseException {
    try {
      List<JWK> keys = new ArrayList<>();
      for (Certificate each :
          CertificateFactory.getInstance("X.509")
              .generateCertificates(
                  new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8)))) {
        keys.add(key(each));
      }
      return new JWKSet(keys);
    } catch (GeneralSecurityException e) {
      throw new ParseException("it has a certificate that cannot be read: " + e.getMessage(), 0);
    }
  }

  private static JWK key(Certificate certificate) throws ParseException {
    PublicKey key = certificate.getPublicKey();
    String id = fingerprint(key.getEncoded());
    if (key instanceof ECPublicKey ec) {
      return new ECKey.Builder(Curve.forECParameterSpec(ec.getParams()), ec).keyID(id).build();
    }
    if (key instanceof RSAPublicKey rsa) {
      return new RSAKey.Builder(rsa).keyID(id).build();
    }
    throw new ParseException("it has a key for " + key.getAlgorithm() + ", not for EC or RSA", 0);
  }

  private static String fingerprint(byte[] key) {
    byte[] sum = Arrays.copyOf(DigestUtils.sha256(key), FINGERPRINT_BYTES);
    return new Base32().encodeToString(sum).replaceAll("(.{4})(?!$)", "$1:");
  }
}
