package io.registry.content.manifest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.nimbusds.jose.util.Base64URL;
import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.platform.problem.Subject;
import io.registry.testkit.RandomCases;
import io.registry.web.v2.SchemaOneImages;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("external")
class SignaturesTest {
  private static final String PASSWORD = "changeit";

  private static final String HEAD =
      """
      {
         "schemaVersion": 1,
         "fsLayers": [{"blobSum": "sha256:%s"}],
         "history": [{"v1Compatibility": "{\\"id\\":\\"%s\\"}"}]""";

  private final ManifestParser parser = new ManifestParser(new JsonCodec());

  private static String payload() {
    return HEAD.formatted("1".repeat(64), "a".repeat(64)) + "\n}";
  }

  /** A document that an RSA key has signed, with its certificate. */
  private static String signed(PrivateKey key, byte[] certificate) throws Exception {
    int length = payload().length() - 2;
    Base64URL header =
        Base64URL.encode("{\"formatLength\":%d,\"formatTail\":\"Cn0\"}".formatted(length));
    Signature signature = Signature.getInstance("SHA256withRSA");
    signature.initSign(key);
    signature.update((header + "." + Base64URL.encode(payload())).getBytes(UTF_8));
    return payload().substring(0, length)
        + ",\"signatures\":[{\"header\":{\"alg\":\"RS256\",\"x5c\":[\"%s\"]},"
            .formatted(Base64.getEncoder().encodeToString(certificate))
        + "\"signature\":\"%s\",\"protected\":\"%s\"}]\n}"
            .formatted(Base64URL.encode(signature.sign()), header);
  }

  /** A key pair with a certificate, as the trust server of Docker had one. */
  private static KeyStore certificate(Path directory) throws Exception {
    Path file = directory.resolve("rsa.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "RSA",
                "-keysize",
                "2048",
                "-dname",
                "CN=test",
                "-alias",
                "rsa",
                "-storepass",
                PASSWORD,
                "-keystore",
                file.toString())
            .inheritIO()
            .start();
    assertThat(keytool.waitFor()).isZero();
    return KeyStore.getInstance(file.toFile(), PASSWORD.toCharArray());
  }

  @Test
  void aCertificateVerifiesASignature(@TempDir Path directory) throws Exception {
    KeyStore store = certificate(directory);
    byte[] document =
        signed(
                (PrivateKey) store.getKey("rsa", PASSWORD.toCharArray()),
                store.getCertificate("rsa").getEncoded())
            .getBytes(UTF_8);

    ManifestParser.Received received = parser.receive("", document);

    assertThat(received.content()).isEqualTo(payload().getBytes(UTF_8));
    assertThat(received.form().orElseThrow().document(received.content())).isEqualTo(document);
    assertThat(received.manifest().mediaType()).isEqualTo(MediaTypes.DOCKER_SCHEMA_1_SIGNED);
    String changed = new String(document, UTF_8).replace("sha256:1", "sha256:2");
    assertThatExceptionOfType(RegistryException.class)
        .isThrownBy(() -> parser.receive("", changed.getBytes(UTF_8)))
        .satisfies(refusal -> assertThat(refusal.subject()).isEqualTo(Subject.SIGNATURE));
  }

  @Test
  void whatASignedManifestSaysAfterDamageIsWhatWasSigned() {
    List<SchemaOneImages.Image> images = SchemaOneImages.all();
    RandomCases.check(
        500,
        random -> {
          byte[] document = images.get(random.nextInt(images.size())).manifest().clone();
          Digest digest = Digest.of(parser.content(document));
          for (int i = random.nextInt(3); i >= 0; i--) {
            document[random.nextInt(document.length)] = (byte) random.nextInt(256);
          }
          if (random.nextInt(4) == 0) {
            document = Arrays.copyOf(document, random.nextInt(document.length));
          }
          try {
            ManifestParser.Received received = parser.receive("", document);
            // Where the name of the signatures is damaged, there are none.
            if (received.form().isPresent()) {
              assertThat(Digest.of(received.content())).isEqualTo(digest);
            } else {
              assertThat(received.content()).isEqualTo(document);
            }
          } catch (RegistryException e) {
            assertThat(e.problem()).isEqualTo(Problem.INVALID);
          }
        });
  }
}
