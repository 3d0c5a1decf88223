package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.testkit.OriginalStore;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Daemons before 0.9 announce only a tarsum (protocol 3.3); the one here is of a genuine push. */
class TarSumHttpTest {
  private static final String ID =
      "2605eed5a837422e3cbd6c2c99d27a0232f36413a531349bddc3c58c716a0f82";
  private static final String TARSUM =
      "tarsum+sha256:56237a08052ce2e756921c6da1a3a136752561db4805d5b65ea9259310ffece9";
  private static final String WRONG = "tarsum+sha256:" + "0".repeat(64);
  private static final String MISMATCH = "{\"error\": \"Checksum mismatch\"}";

  @TempDir Path directory;
  @TempDir Path fixtures;
  private RegistryServer server;
  private TestClient client;
  private TestImage image;

  @BeforeEach
  void sendJsonAndLayer() {
    OriginalStore store = OriginalStore.unpack(fixtures);
    image =
        new TestImage(
            ID, store.bytes("images/" + ID + "/json"), store.bytes("images/" + ID + "/layer"));
    server = RegistryServer.start(directory);
    client = server.client();
    assertThat(image.putJson(client).status()).isEqualTo(200);
    assertThat(image.putLayer(client).status()).isEqualTo(200);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void theRightTarSumFinishesTheImageAndIsKeptBesideTheChecksum() {
    assertThat(putChecksum("X-Docker-Checksum", TARSUM).text()).isEqualTo("true");

    assertThat(client.get(image.path("json")).headers("X-Docker-Checksum-Payload"))
        .containsExactly(image.checksum(), TARSUM);
    assertThat(client.get(image.path("layer")).bytes()).isEqualTo(image.layer());
    assertThat(directory.resolve("images/" + ID + "/_checksum"))
        .hasContent("[\"%s\", \"%s\"]".formatted(image.checksum(), TARSUM));
  }

  @Test
  void aWrongTarSumLeavesTheImageUnfinished() {
    TestClient.Answer answer = putChecksum("X-Docker-Checksum", WRONG);

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.text()).isEqualTo(MISMATCH);
    assertThat(client.get(image.path("json")).status()).isEqualTo(400);
    assertThat(client.get(image.path("layer")).status()).isEqualTo(400);

    assertThat(putChecksum("X-Docker-Checksum", TARSUM).status()).isEqualTo(200);
  }

  /** Which of the layers is looked at first is left to chance. */
  @Test
  void layersThatAreNoTarDoNotStandInTheWayOfTheRightOne() {
    byte[] noTar = {0x1f, (byte) 0x8b, 8, 0, 1, 2, 3};
    for (int i = 0; i < 20; i++) {
      assertThat(image.withLayer(noTar).putLayer(client).status()).isEqualTo(200);
    }

    TestClient.Answer answer = putChecksum("X-Docker-Checksum", TARSUM);

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(client.get(image.path("layer")).bytes()).isEqualTo(image.layer());
  }

  @Test
  void aTarSumOfAnotherVersionIsAMismatch() {
    assertThat(putChecksum("X-Docker-Checksum", TARSUM.replace("tarsum", "tarsum.v1")).text())
        .isEqualTo(MISMATCH);
  }

  @Test
  void onlyATarSumIsTakenFromTheOldHeader() {
    assertThat(putChecksum("X-Docker-Checksum", image.checksum()).status()).isEqualTo(412);
    assertThat(client.get(image.path("json")).status()).isEqualTo(400);
  }

  @Test
  void thePayloadChecksumDecidesWhenBothAreSent() {
    String[] wrongPayload = {
      "X-Docker-Checksum", TARSUM, "X-Docker-Checksum-Payload", "sha256:" + "0".repeat(64)
    };
    String[] wrongTarSum = {
      "X-Docker-Checksum", WRONG, "X-Docker-Checksum-Payload", image.checksum()
    };

    assertThat(putChecksum(wrongPayload).text()).isEqualTo(MISMATCH);
    assertThat(client.get(image.path("json")).status()).isEqualTo(400);
    assertThat(putChecksum(wrongTarSum).status()).isEqualTo(200);
    assertThat(client.get(image.path("json")).headers("X-Docker-Checksum-Payload"))
        .containsExactly(image.checksum());
  }

  @Test
  void aLayerThatIsNoTarHasNoTarSum() {
    TestImage other = TestImage.base("no tar", "this is no tar at all. ".repeat(100));
    assertThat(other.putJson(client).status()).isEqualTo(200);
    assertThat(other.putLayer(client).status()).isEqualTo(200);
    TestClient.Answer answer = client.put(other.path("checksum"), "", "X-Docker-Checksum", TARSUM);

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.text()).startsWith("{\"error\": \"").contains("tar");
    assertThat(client.get(other.path("layer")).status()).isEqualTo(400);
    assertThat(other.putChecksum(client).status()).isEqualTo(200);
  }

  private TestClient.Answer putChecksum(String... headers) {
    return client.put(image.path("checksum"), "", headers);
  }
}
