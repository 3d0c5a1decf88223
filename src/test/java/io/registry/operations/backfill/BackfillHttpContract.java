package io.registry.operations.backfill;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.bridge.V1Chain;
import io.registry.bridge.V1View;
import io.registry.bridge.V1Views;
import io.registry.content.image.Pusher;
import io.registry.operations.backfill.Backfills.Answer;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import io.registry.testkit.TestLayer;
import io.registry.testkit.TestPush;
import io.registry.testkit.TestPush.Layer;
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

  @Test
  void layersThatShareTheBytesOfBlobsBecomeFiles() {
    Layer shared = Layer.gzip("shared");
    Layer unpacked = Layer.zstd(TestLayer.of("unpacked"));
    V1View view;
    BlobKey blob = TestPush.key(shared.digest());
    try (RegistryServer server = RegistryServer.startWith(arguments().toArray(String[]::new))) {
      view = publish(server, TestPush.of("pushed", shared, unpacked, shared));
      String top = view.top().orElseThrow().value();
      assertThat(server.client().put("/v1/repositories/app/tags/v1", "\"" + top + "\"").status())
          .isEqualTo(200);
      assertThat(server.client().get("/v2/app/manifests/v1").status()).isEqualTo(200);
    }
    long pointers = pointsToBlobs() ? 2 : 0;

    Answer dry = Backfills.run(arguments(), "--materialize", "--dry-run");
    Answer first = Backfills.run(arguments(), "--materialize");
    Answer second = Backfills.run(arguments(), "--materialize");

    for (Answer answer : List.of(dry, first)) {
      assertThat(answer.status()).as(answer.said()).isZero();
      assertThat(answer.count("images")).isEqualTo(3);
      assertThat(answer.count("layersMaterialized")).isEqualTo(pointers);
      assertThat(answer.count("bytesMaterialized")).isEqualTo(pointers * shared.stored().length);
    }
    assertThat(dry.said()).contains("nothing was written");
    assertThat(second.count("layersMaterialized")).isZero();
    begin();
    try (RegistryServer server = RegistryServer.startWith(arguments().toArray(String[]::new))) {
      TestClient client = server.client();
      assertThat(client.get("/v2/app/manifests/v1").status()).isEqualTo(200);
      assertThat(client.head("/v2/app/blobs/" + shared.digest()).status()).isEqualTo(200);
      assertNoLayerRead();
      server.bean(BlobStorage.class).delete(blob);
      for (int i : new int[] {0, 2}) {
        assertThat(client.get("/v1/images/" + view.chain().get(i) + "/layer").bytes())
            .isEqualTo(shared.stored());
      }
    }
    assertThat(Backfills.run(arguments(), "--materialize").status()).isZero();
  }

  private static V1View publish(RegistryServer server, TestPush push) {
    return server
        .bean(V1Views.class)
        .publish(
            V1Chain.of(push.storeIn(server.bean(BlobStorage.class)).image()),
            TestPush::key,
            new Pusher("a client of V2"),
            () -> {});
  }

  @Test
  void aLayerWhoseBlobIsLostIsTold() {
    Layer lost = Layer.gzip("lost");
    V1View view;
    try (RegistryServer server = RegistryServer.startWith(arguments().toArray(String[]::new))) {
      view = publish(server, TestPush.of("lost", lost));
      server.bean(BlobStorage.class).delete(TestPush.key(lost.digest()));
    }

    Answer answer = Backfills.run(arguments(), "--materialize");

    assertThat(answer.status()).isEqualTo(pointsToBlobs() ? 1 : 0);
    assertThat(answer.findings()).isEqualTo(pointsToBlobs() ? List.of("layer-lost :") : List.of());
    if (pointsToBlobs()) {
      assertThat(answer.lines().get(0).path("image").asString(""))
          .isEqualTo(view.chain().get(0).value());
      assertThat(answer.textOf("")).contains(lost.digest().hex());
    }
  }

  @Test
  void aStoreThatIsOnlyReadIsNotMaterialized() {
    Answer answer = Backfills.run(arguments(), "--materialize", "--registry.read-only=true");

    assertThat(answer.status()).isEqualTo(2);
    assertThat(answer.said()).contains("read-only");
  }

  /** Whether the store cannot link. */
  boolean pointsToBlobs() {
    return true;
  }

  /** From now on is noted what is read. */
  void begin() {}

  /** Fails when a layer was read. */
  void assertNoLayerRead() {}
}
