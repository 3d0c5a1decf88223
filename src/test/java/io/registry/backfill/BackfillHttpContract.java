package io.registry.backfill;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.backfill.Backfills.Answer;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import io.registry.testkit.TestLayer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a backfill does in any store, to images that were pushed through the registry. */
abstract class BackfillHttpContract {

  /** The settings that name the store. */
  abstract List<String> arguments();

  private static TestImage push(TestClient client, TestImage image, String tag) {
    TestImage pushed = image.push(client);
    assertThat(client.put("/v1/repositories/app/tags/" + tag, "\"" + image.id() + "\"").status())
        .isEqualTo(200);
    return pushed;
  }

  @Test
  void whatIsPreparedIsNotReadAgainByTheNextBackfillNorByAPull() {
    byte[] layer = TestLayer.of("etc/", "etc/passwd");
    // A server with V2 prepares what is pushed.
    List<String> withoutV2 = new ArrayList<>(arguments());
    withoutV2.add("--registry.v2.enabled=false");
    try (RegistryServer server = RegistryServer.startWith(withoutV2.toArray(String[]::new))) {
      TestImage base = push(server.client(), TestImage.of("base", "", layer), "base");
      push(
          server.client(),
          TestImage.of("top", base.id(), TestLayer.compressed(TestLayer.of("bin/sh"), 1)),
          "top");
    }

    Answer first = Backfills.run(arguments());
    Answer second = Backfills.run(arguments());

    assertThat(first.status()).as(first.said()).isZero();
    assertThat(first.count("preparedNow")).isEqualTo(2);
    assertThat(first.count("layersRead")).isEqualTo(2);
    assertThat(second.status()).isZero();
    assertThat(second.count("preparedBefore")).isEqualTo(2);
    assertThat(second.count("layersRead")).isZero();
    assertThat(second.count("bytesWritten")).isZero();
    begin();
    try (RegistryServer server = RegistryServer.startWith(arguments().toArray(String[]::new))) {
      for (String tag : List.of("base", "top")) {
        TestClient.Answer manifest = server.client().get("/v2/app/manifests/" + tag);
        assertThat(manifest.status()).as(manifest.toString()).isEqualTo(200);
      }
    }
    assertNoLayerRead();
  }

  /** From now on is noted what is read. */
  void begin() {}

  /** Fails when a layer was read. */
  void assertNoLayerRead() {}
}
