package io.registry.operations.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.operations.transfer.Transfers.Answer;
import io.registry.testkit.DistributionServer;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.web.v2.SchemaOneImages;
import io.registry.web.v2.V2Pusher;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images of schema 1 come from a genuine Distribution, which takes and serves them. */
@Tag("external")
class SchemaOneTransferHttpTest {
  private static final SchemaOneImages.Image IMAGE = SchemaOneImages.named("chain-of-three-1.6.2");
  private static final String CURRENT = "application/vnd.docker.distribution.manifest.v2+json";

  @TempDir static Path directory;

  private static DistributionServer distribution;

  @BeforeAll
  static void start() throws Exception {
    distribution = DistributionServer.startComplete(directory.resolve("distribution"));
    assertThat(IMAGE.push(new V2Pusher(distribution.client(), IMAGE.repository())))
        .isEqualTo(IMAGE.digest());
  }

  @AfterAll
  static void stop() {
    distribution.close();
  }

  private static String url() {
    return "http://127.0.0.1:" + distribution.port();
  }

  private static void assertIsServed(TestClient client, String repository) {
    V2Pusher pusher = new V2Pusher(client, repository);
    var current = pusher.get("manifests/v", "Accept", CURRENT);
    assertThat(current.status()).as(current.text()).isEqualTo(200);
    String config = Transfers.parse(current.text()).path("config").path("digest").asString("");
    assertThat(pusher.get("blobs/" + config).bytes()).isEqualTo(IMAGE.pulledOverV1());
    var original = pusher.get("manifests/" + IMAGE.digest());
    assertThat(original.status()).as(original.text()).isEqualTo(200);
    assertThat(original.header("Docker-Content-Digest")).isEqualTo(IMAGE.digest().toString());
    String top = IMAGE.images().get(IMAGE.images().size() - 1).id();
    assertThat(client.get("/v1/repositories/" + repository + "/tags/v").text())
        .isEqualTo('"' + top + '"');
    // As daemons do: a mirror makes the images of those that it has shown.
    assertThat(client.get("/v1/images/" + top + "/ancestry").status()).isEqualTo(200);
    for (SchemaOneImages.V1 image : IMAGE.images()) {
      assertThat(client.get("/v1/images/" + image.id() + "/json").bytes()).isEqualTo(image.json());
      assertThat(client.get("/v1/images/" + image.id() + "/layer").bytes())
          .isEqualTo(image.layer());
    }
  }

  @Test
  void aCopyTakesThem() {
    Path store = directory.resolve("copied");

    Answer answer =
        Transfers.run(new CopyCommand(Transfers.REGISTRY), store, "--all", "--from", url() + "/s1");

    assertThat(answer.status()).as(answer.said()).isZero();
    try (RegistryServer own = RegistryServer.start(store)) {
      assertIsServed(own.client(), IMAGE.name());
    }
  }

  @Test
  void anImportTakesThem() {
    Path store = directory.resolve("imported");

    Answer answer =
        Transfers.run(new ImportCommand(Transfers.REGISTRY), store, distribution.root().toString());

    assertThat(answer.status()).as(answer.said()).isZero();
    try (RegistryServer own = RegistryServer.start(store)) {
      assertIsServed(own.client(), IMAGE.repository());
    }
  }

  @Test
  void aMirrorTakesThem() {
    try (RegistryServer mirror =
        RegistryServer.start(
            directory.resolve("mirror"),
            "--registry.mirror.source=" + url(),
            "--registry.mirror.spool=" + directory.resolve("spool"))) {
      assertIsServed(mirror.client(), IMAGE.repository());
    }
  }
}
