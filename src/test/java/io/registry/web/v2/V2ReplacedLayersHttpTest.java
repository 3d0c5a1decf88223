package io.registry.web.v2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.registry.content.manifest.Digest;
import io.registry.testkit.PassingClock;
import io.registry.testkit.PassingRegistry;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import io.registry.testkit.TestLayer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/**
 * Another program replaces the layers of V1 images beside two servers that run: what they know of
 * the old layers stays in the store and in their memory.
 */
@TestInstance(Lifecycle.PER_CLASS)
class V2ReplacedLayersHttpTest {
  /** Longer than a server relies on a look at the layers. */
  private static final Duration LATER = Duration.ofMinutes(2);

  /** Far more than it takes; only there so that a hang fails. */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @TempDir static Path store;

  private RegistryServer one;
  private RegistryServer other;

  @BeforeAll
  void start() {
    one = PassingRegistry.start(store);
    other = PassingRegistry.start(store);
  }

  @AfterAll
  void stop() {
    one.close();
    other.close();
  }

  private static byte[] gzip(String name) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(TestLayer.of(name));
    }
    return bytes.toByteArray();
  }

  /** Pushes an image of that layer, with one above it, and returns it. */
  private TestImage push(String repository, byte[] layer) {
    TestImage base = TestImage.of("base of " + repository, "", layer).push(one.client());
    TestImage top =
        TestImage.of("top of " + repository, base.id(), TestLayer.of("top")).push(one.client());
    String path = "/v1/repositories/" + repository + "/tags/latest";
    assertThat(one.client().put(path, '"' + top.id() + '"').status()).isEqualTo(200);
    return base;
  }

  private static Answer manifest(RegistryServer server, String repository) {
    return server.client().get("/v2/" + repository + "/manifests/latest");
  }

  private static Answer blob(RegistryServer server, String repository, byte[] layer) {
    return server.client().get("/v2/" + repository + "/blobs/" + Digest.of(layer));
  }

  private static void replace(TestImage image, byte[] layer) throws IOException {
    Path file = store.resolve("images/" + image.id() + "/layer");
    Files.delete(file);
    Files.write(file, layer);
  }

  private static void pass(RegistryServer server) {
    ((PassingClock) server.bean(Clock.class)).pass(LATER);
  }

  @Test
  void aClientThatAsksForNoBlobGetsTheManifestOfTheNewLayer() throws IOException {
    byte[] before = gzip("before");
    byte[] after = gzip("after");
    TestImage base = push("replaced/layer", before);
    for (RegistryServer each : List.of(one, other)) {
      assertThat(manifest(each, "replaced/layer").text()).contains(Digest.of(before).toString());
    }
    Answer old = manifest(one, "replaced/layer");
    replace(base, after);

    pass(one);

    await()
        .atMost(PATIENCE)
        .until(() -> manifest(one, "replaced/layer").text().contains(Digest.of(after).toString()));
    // The time of the other server stands still: it goes by what the first one has found.
    for (RegistryServer each : List.of(one, other)) {
      Answer now = manifest(each, "replaced/layer");
      assertThat(now.text())
          .contains(Digest.of(after).toString())
          .doesNotContain(Digest.of(before).toString());
      assertThat(
              each.client().get("/v2/replaced/layer/manifests/" + Digest.of(old.bytes())).status())
          .isEqualTo(404);
      assertThat(blob(each, "replaced/layer", after).bytes()).isEqualTo(after);
      assertThat(blob(each, "replaced/layer", before).status()).isEqualTo(404);
    }
  }

  @Test
  void anImageWhoseDamagedLayerIsReplacedByItsOriginalIsServedAgain() throws IOException {
    byte[] layer = gzip("healed");
    TestImage base = push("healed/layer", layer);
    byte[] whole = manifest(one, "healed/layer").bytes();
    replace(base, Arrays.copyOf(layer, layer.length / 2));
    assertThat(blob(one, "healed/layer", layer).status()).isEqualTo(404);
    for (RegistryServer each : List.of(one, other)) {
      Answer refused = manifest(each, "healed/layer");
      assertThat(refused.status()).isEqualTo(404);
      assertThat(refused.text()).contains(base.id()).contains("cannot be unpacked");
    }

    replace(base, layer);
    pass(other);

    // A client that is refused asks for no blob.
    for (RegistryServer each : List.of(other, one)) {
      Answer healed = manifest(each, "healed/layer");
      assertThat(healed.status()).as(healed.text()).isEqualTo(200);
      assertThat(healed.bytes()).isEqualTo(whole);
      assertThat(blob(each, "healed/layer", layer).bytes()).isEqualTo(layer);
    }
  }

  @Test
  void aLostLayerThatIsThereAgainIsServedAtOnce() throws IOException {
    byte[] layer = gzip("lost");
    TestImage base = push("lost/layer", layer);
    for (RegistryServer each : List.of(one, other)) {
      assertThat(manifest(each, "lost/layer").status()).isEqualTo(200);
      assertThat(blob(each, "lost/layer", layer).bytes()).isEqualTo(layer);
    }
    Path file = store.resolve("images/" + base.id() + "/layer");
    Files.delete(file);
    for (RegistryServer each : List.of(one, other)) {
      pass(each);
      assertThat(blob(each, "lost/layer", layer).status()).isEqualTo(404);
      assertThat(manifest(each, "lost/layer").status()).isEqualTo(200);
    }

    Files.write(file, layer);

    for (RegistryServer each : List.of(one, other)) {
      assertThat(blob(each, "lost/layer", layer).bytes()).isEqualTo(layer);
      assertThat(manifest(each, "lost/layer").text()).contains(Digest.of(layer).toString());
    }
  }
}
