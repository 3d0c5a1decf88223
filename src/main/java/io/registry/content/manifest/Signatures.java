package io.registry.content.manifest;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.factories.DefaultJWSVerifierFactory;
import com.nimbusds.jose.jwk.AsymmetricJWK;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.X509CertUtils;
import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.platform.problem.Subject;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.text.ParseException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Reads and verifies the signatures of a manifest of schema 1 (docker/libtrust, {@code
 * ParsePrettySignature}; RFC 7515). They stand inside of the document that they sign. The key of a
 * signature comes with it, so that a signature says that the bytes are whole, not who made them.
 */
final class Signatures {
  private static final String FIELD = "signatures";

  /** Registries up to 2.4 added one with each push. */
  private static final int MAX_SIGNATURES = 64;

  private static final Set<JWSAlgorithm> ALGORITHMS =
      Set.of(
          JWSAlgorithm.ES256,
          JWSAlgorithm.ES384,
          JWSAlgorithm.ES512,
          JWSAlgorithm.RS256,
          JWSAlgorithm.RS384,
          JWSAlgorithm.RS512);

  /** Larger keys make the verification slow; no client makes them. */
  private static final int MAX_RSA_BITS = 8_192;

  private static final int MAX_EXPONENT_BITS = 32;

  private final JsonCodec codec;

  Signatures(JsonCodec codec) {
    this.codec = codec;
  }

  /**
   * A document whose signatures verify.
   *
   * @param payload the document without its signatures
   * @param form how to make the document of the payload again
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Verified(byte[] payload, SignedForm form) {}

  /**
   * Verifies a document.
   *
   * @param document the bytes
   * @param json the same, parsed
   * @return nothing when the document has no signatures
   * @throws RegistryException {@code INVALID} with the subject {@code SIGNATURE} when one of them
   *     does not verify, or they are not of the expected form
   */
  Optional<Verified> verify(byte[] document, JsonNode json) {
    JsonNode signatures = json.path(FIELD);
    if (signatures.isMissingNode() || signatures.isNull()) {
      return Optional.empty();
    }
    if (!signatures.isArray() || signatures.isEmpty() || signatures.size() > MAX_SIGNATURES) {
      throw unverified("have to be an array of 1 to %d signatures".formatted(MAX_SIGNATURES));
    }
    byte[] payload = payload(document, signatures.path(0));
    Base64URL signed = Base64URL.encode(payload);
    for (JsonNode signature : signatures) {
      if (!Arrays.equals(payload, payload(document, signature))) {
        throw unverified("sign different texts");
      }
      verify(signature, signed);
    }
    requireSame(json, payload);
    return Optional.of(new Verified(payload, form(document, length(signatures.path(0)))));
  }

  // What clients read in the document has to be what was signed.
  private void requireSame(JsonNode document, byte[] payload) {
    boolean isSame =
        codec
            .parseUntrusted(payload)
            .filter(signed -> signed.size() == document.size() - 1)
            .filter(
                signed ->
                    document.properties().stream()
                        .filter(field -> !field.getKey().equals(FIELD))
                        .allMatch(field -> field.getValue().equals(signed.get(field.getKey()))))
            .isPresent();
    if (!isSame) {
      throw unverified("do not sign what the manifest says");
    }
  }

  private static SignedForm form(byte[] document, int length) {
    try {
      ByteBuffer rest = ByteBuffer.wrap(document, length, document.length - length);
      return new SignedForm(length, StandardCharsets.UTF_8.newDecoder().decode(rest).toString());
    } catch (CharacterCodingException e) {
      throw unverified("divide a character");
    }
  }

  private byte[] payload(byte[] document, JsonNode signature) {
    int length = length(signature);
    if (length > document.length) {
      throw unverified("are of a longer text");
    }
    byte[] tail =
        new Base64URL(protectedHeader(signature).path("formatTail").asString("")).decode();
    ByteArrayOutputStream payload = new ByteArrayOutputStream(length + tail.length);
    payload.write(document, 0, length);
    payload.writeBytes(tail);
    return payload.toByteArray();
  }

  private int length(JsonNode signature) {
    JsonNode length = protectedHeader(signature).path("formatLength");
    if (!length.isIntegralNumber() || !length.canConvertToInt() || length.intValue() < 0) {
      throw unverified("have no formatLength");
    }
    return length.intValue();
  }

  private JsonNode protectedHeader(JsonNode signature) {
    return codec
        .parseUntrusted(new Base64URL(signature.path("protected").asString("")).decode())
        .filter(JsonNode::isObject)
        .orElseThrow(() -> unverified("have no protected header"));
  }

  private void verify(JsonNode signature, Base64URL payload) {
    JsonNode header = signature.path("header");
    JWSAlgorithm algorithm = JWSAlgorithm.parse(header.path("alg").asString(""));
    if (!ALGORITHMS.contains(algorithm)) {
      throw unverified("have no algorithm of RS256 to ES512");
    }
    String text = signature.path("protected").asString("") + "." + payload;
    boolean isValid;
    try {
      JWSHeader parsed = new JWSHeader(algorithm);
      isValid =
          new DefaultJWSVerifierFactory()
              .createJWSVerifier(parsed, key(header))
              .verify(
                  parsed,
                  text.getBytes(StandardCharsets.US_ASCII),
                  new Base64URL(signature.path("signature").asString("")));
    } catch (JOSEException | ParseException | IllegalArgumentException e) {
      throw unverified("have a key that cannot be used");
    }
    if (!isValid) {
      throw unverified("are not of this manifest");
    }
  }

  private PublicKey key(JsonNode header) throws ParseException, JOSEException {
    JsonNode chain = header.path("x5c");
    PublicKey key = chain.isArray() ? certificate(chain).getPublicKey() : jwk(header.path("jwk"));
    if (key instanceof RSAPublicKey rsa
        && (rsa.getModulus().bitLength() > MAX_RSA_BITS
            || rsa.getPublicExponent().bitLength() > MAX_EXPONENT_BITS)) {
      throw new JOSEException("the key is too large");
    }
    return key;
  }

  private PublicKey jwk(JsonNode json) throws ParseException, JOSEException {
    JWK jwk = JWK.parse(new String(codec.render(json), StandardCharsets.US_ASCII));
    if (jwk instanceof AsymmetricJWK key) {
      return key.toPublicKey();
    }
    throw new JOSEException("not a public key");
  }

  private static X509Certificate certificate(JsonNode chain) throws JOSEException {
    X509Certificate found =
        X509CertUtils.parse(Base64.getMimeDecoder().decode(chain.path(0).asString("")));
    if (found == null) {
      throw new JOSEException("not a certificate");
    }
    return found;
  }

  private static RegistryException unverified(String what) {
    return new RegistryException(
        Problem.INVALID, Subject.SIGNATURE, "The signatures of the manifest " + what);
  }
}
