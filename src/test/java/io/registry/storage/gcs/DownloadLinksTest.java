package io.registry.storage.gcs;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.auth.ServiceAccountSigner;
import com.google.auth.oauth2.GoogleCredentials;
import io.registry.storage.BlobKey;
import io.registry.storage.StorageProperties;
import io.registry.testkit.FakeGcs;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.Signature;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DownloadLinksTest {
  private static final byte[] SIGNED = {1, 2, 3};

  private final FakeGcs gcs = new FakeGcs();
  private final GcsBlobStorage storage;

  DownloadLinksTest(@TempDir Path directory) throws IOException {
    storage =
        GcsBlobStorage.connect(
            GcsSettings.of(gcs, directory), new StorageProperties(true, Duration.ofMinutes(7), 64));
    gcs.forgetCounts();
  }

  @AfterEach
  void close() {
    storage.close();
    gcs.close();
  }

  @Test
  void aLinkIsMadeWithoutAskingAndIsValidForAWhile() {
    URI link = storage.downloadUrl(BlobKey.of("images", "abc", "layer")).orElseThrow();

    assertThat(link.toString())
        .startsWith(gcs.endpoint() + "/layers/registry/images/abc/layer?X-Goog-Algorithm=");
    assertThat(query(link))
        .containsEntry("X-Goog-Expires", "420")
        .containsEntry("X-Goog-SignedHeaders", "host");
    assertThat(gcs.countAll()).isZero();
    assertThat(gcs.count(FakeGcs.Call.TOKEN)).isZero();
  }

  @Test
  void wherePlatformCredentialsSignTheLinkIsTheirs(@TempDir Path directory) throws Exception {
    Platform platform = new Platform();
    DownloadLinks links = links(directory, platform);

    URI link = links.to("registry/images/abc/layer").orElseThrow();

    assertThat(query(link).getOrDefault("X-Goog-Credential", ""))
        .startsWith("machine@a-project.iam.gserviceaccount.com/");
    assertThat(query(link)).containsEntry("X-Goog-Signature", HexFormat.of().formatHex(SIGNED));
    assertThat(platform.signed).isEqualTo(stringToSign(link));
  }

  @Test
  void wherePlatformCredentialsMayNotSignTheRegistrySendsTheBlob(@TempDir Path directory)
      throws Exception {
    Platform platform = new Platform();
    platform.refuses = true;

    assertThat(links(directory, platform).to("registry/images/abc/layer")).isEmpty();
  }

  private DownloadLinks links(Path directory, Platform platform) throws IOException {
    return DownloadLinks.of(
            GcsSettings.of(gcs, directory),
            new StorageProperties(true, Duration.ofMinutes(7), 64),
            Optional.of(platform))
        .orElseThrow();
  }

  /** Credentials of a machine of Google, for which IAM signs. */
  private static final class Platform extends GoogleCredentials implements ServiceAccountSigner {
    private static final long serialVersionUID = 1L;

    private String signed = "";
    private boolean refuses;

    @Override
    public String getAccount() {
      return "machine@a-project.iam.gserviceaccount.com";
    }

    @Override
    public byte[] sign(byte[] toSign) {
      if (refuses) {
        throw new SigningException("403 iam.serviceAccounts.signBlob", new IOException("refused"));
      }
      signed = new String(toSign, StandardCharsets.UTF_8);
      return SIGNED.clone();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"layer", "a b", "a+b", "b%2Fc", "#", "?x=y", "ä"})
  void theSignatureIsThatOfTheServiceAccount(String name) throws GeneralSecurityException {
    URI link = storage.downloadUrl(BlobKey.of("images", "abc", name)).orElseThrow();

    Signature signature = Signature.getInstance("SHA256withRSA");
    signature.initVerify(FakeGcs.publicKey());
    signature.update(stringToSign(link).getBytes(StandardCharsets.UTF_8));
    String signed = query(link).getOrDefault("X-Goog-Signature", "");
    assertThat(signature.verify(HexFormat.of().parseHex(signed))).isTrue();
    assertThat(link.getPath()).isEqualTo("/layers/registry/images/abc/" + name);
  }

  // As the documents of the service say what has to be signed.
  private static String stringToSign(URI link) throws GeneralSecurityException {
    String canonical =
        String.join(
            "\n",
            "GET",
            link.getRawPath(),
            Arrays.stream(link.getRawQuery().split("&"))
                .filter(pair -> !pair.startsWith("X-Goog-Signature="))
                .sorted()
                .collect(Collectors.joining("&")),
            "host:" + link.getRawAuthority(),
            "",
            "host",
            "UNSIGNED-PAYLOAD");
    Map<String, String> query = query(link);
    String credential = query.getOrDefault("X-Goog-Credential", "");
    byte[] hash =
        MessageDigest.getInstance("SHA-256").digest(canonical.getBytes(StandardCharsets.UTF_8));
    return String.join(
        "\n",
        "GOOG4-RSA-SHA256",
        query.getOrDefault("X-Goog-Date", ""),
        credential.substring(credential.indexOf('/') + 1),
        HexFormat.of().formatHex(hash));
  }

  private static Map<String, String> query(URI link) {
    return Arrays.stream(link.getRawQuery().split("&"))
        .map(pair -> pair.split("=", 2))
        .collect(
            Collectors.toMap(
                pair -> pair[0], pair -> URLDecoder.decode(pair[1], StandardCharsets.UTF_8)));
  }
}
