package io.registry.operations.backfill;

import static io.registry.operations.backfill.Backfills.put;
import static io.registry.operations.backfill.Backfills.tag;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.registry.testkit.OriginalStore;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestImage;
import io.registry.testkit.TestLayer;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** The backfill in the background of a server. */
@ExtendWith(OutputCaptureExtension.class)
class BackfillTaskHttpTest {
  private static final String ON = "--registry.v2.backfill=true";

  @TempDir Path directory;
  private OriginalStore store;

  @BeforeEach
  void unpack() {
    store = OriginalStore.unpack(directory.resolve("store"));
  }

  // Without what the running server notes of its cache meanwhile.
  private Map<String, String> imagesAndV2() {
    Map<String, String> hashes = store.hashes();
    hashes.keySet().removeIf(file -> file.startsWith("_cache/"));
    return hashes;
  }

  private static double count(RegistryServer server, String meter, String... tags) {
    return server.bean(MeterRegistry.class).get(meter).tags(tags).functionCounters().stream()
        .mapToDouble(counter -> counter.count())
        .sum();
  }

  private static boolean isAtWork() {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().equals("backfill") && thread.isAlive());
  }

  @Test
  void aServerPreparesItsStoreAndTellsWhenItIsDone(CapturedOutput output) {
    OriginalStore commanded = OriginalStore.unpack(directory.resolve("commanded"));
    Backfills.run(commanded);

    try (RegistryServer server = RegistryServer.start(store.root(), ON)) {
      await().until(() -> output.getOut().contains("The store is prepared for V2: 9 repositories"));
      assertThat(count(server, "registry.backfill.images", "outcome", "prepared")).isEqualTo(9);
      assertThat(count(server, "registry.backfill.images")).isEqualTo(9);
      assertThat(count(server, "registry.backfill.bytes")).isGreaterThan(100_000);
      assertThat(Backfills.contents(store.root())).isEqualTo(Backfills.contents(commanded.root()));
      Map<String, String> prepared = imagesAndV2();
      assertThat(server.client().get("/v2/solo/manifests/latest").status()).isEqualTo(200);
      assertThat(imagesAndV2()).isEqualTo(prepared);
    }
    try (RegistryServer server = RegistryServer.start(store.root(), ON)) {
      await().until(() -> count(server, "registry.backfill.images", "outcome", "known") == 9);
      assertThat(count(server, "registry.backfill.bytes")).isZero();
    }
  }

  @Test
  void aServerThatStopsDoesNotWaitForALargeLayer(CapturedOutput output) throws IOException {
    TestImage large = TestImage.of("large", "", TestLayer.of("small"));
    put(store, large);
    Path layer = store.root().resolve("images").resolve(large.id()).resolve("layer");
    try (RandomAccessFile file = new RandomAccessFile(layer.toFile(), "rw")) {
      file.setLength(40L << 30);
    }
    tag(store, "large", "latest", large.id());
    RegistryServer server = RegistryServer.start(store.root(), ON);
    await().until(() -> count(server, "registry.backfill.bytes") > 1_000_000);

    Instant told = Instant.now();
    server.close();

    assertThat(Duration.between(told, Instant.now())).isLessThan(Duration.ofSeconds(8));
    assertThat(isAtWork()).isFalse();
    assertThat(output.getOut()).contains("The backfill was stopped, and goes on");
  }

  @Test
  void unlessItIsWantedTheServerPreparesNothing() {
    try (RegistryServer server = RegistryServer.start(store.root())) {
      assertThat(server.client().get("/v1/_ping").status()).isEqualTo(200);
      assertThat(isAtWork()).isFalse();
      assertThat(server.bean(MeterRegistry.class).find("registry.backfill.bytes").meter()).isNull();
    }
    assertThat(store.hashes().keySet()).noneMatch(file -> file.startsWith("_v2/"));
  }
}
