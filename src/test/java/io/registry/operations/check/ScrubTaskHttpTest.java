package io.registry.operations.check;

import static io.registry.operations.check.CheckedStore.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.registry.content.manifest.Digest;
import io.registry.testkit.OriginalStore;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import io.registry.web.v2.V2Image;
import io.registry.web.v2.V2Pusher;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The check in the background of a server. */
@ExtendWith(OutputCaptureExtension.class)
class ScrubTaskHttpTest {
  @TempDir Path directory;

  private RegistryServer start(String... more) {
    List<String> settings =
        new ArrayList<>(
            List.of(
                "--registry.check.scrub=true",
                "--registry.check.directory=" + directory.resolve("check")));
    settings.addAll(List.of(more));
    return RegistryServer.start(directory.resolve("store"), settings.toArray(String[]::new));
  }

  private static double objects(RegistryServer server, String kind) {
    return server
        .bean(MeterRegistry.class)
        .get("registry.check.objects")
        .tag("kind", kind)
        .functionCounter()
        .count();
  }

  private static double bytesRead(RegistryServer server) {
    return server.bean(MeterRegistry.class).get("registry.check.bytes").functionCounter().count();
  }

  private static double found(RegistryServer server, String kind) {
    return server
        .bean(MeterRegistry.class)
        .get("registry.check.findings")
        .tag("kind", kind)
        .gauge()
        .value();
  }

  private JsonNode report() throws Exception {
    return new JsonMapper().readTree(Files.readAllBytes(directory.resolve("check/report.json")));
  }

  private static long complete(CapturedOutput output) {
    return Pattern.compile("The check of the store is complete").matcher(output).results().count();
  }

  @Test
  void aServerFindsDamageTellsOfItAndRemembersItAfterARestart(CapturedOutput output)
      throws Exception {
    OriginalStore store = OriginalStore.unpack(directory.resolve("store"));
    store.write("repositories/library/solo/tag_lost", TestImage.id("lost"));
    store.write("repositories/library/solo/tag_wrong", "no id");
    Map<String, String> before = store.hashes();

    try (RegistryServer server = start()) {
      await().until(() -> complete(output) == 1);
      await().until(() -> found(server, "tag-without-image") == 1);
      assertThat(found(server, "tag-broken")).isEqualTo(1);
      assertThat(found(server, "layer-missing")).isZero();
      assertThat(objects(server, "images")).isEqualTo(store.images().size());
      assertThat(bytesRead(server)).isGreaterThan(100_000);
      String log = output.getOut();
      assertThat(log)
          .contains(
              "has found tag-without-image (error) 1 times: see "
                  + directory.resolve("check/report.json"))
          .contains("has found checksum-missing (note)");
      assertThat(report().path("findings").findValuesAsString("code"))
          .contains("tag-without-image", "tag-broken");
    }
    Map<String, String> after = store.hashes();
    after.keySet().removeIf(file -> file.startsWith("_cache/"));
    before.keySet().removeIf(file -> file.startsWith("_cache/"));
    assertThat(after).isEqualTo(before);

    try (RegistryServer server = start("--registry.read-only=true")) {
      await().until(() -> found(server, "tag-without-image") == 1);
      assertThat(objects(server, "images")).isZero();
    }
    try (RegistryServer server = start("--registry.check.interval=1ms")) {
      await().until(() -> complete(output) >= 3);
      assertThat(found(server, "tag-without-image")).isEqualTo(1);
      store.write("repositories/library/solo/tag_wrong", TestImage.id("lost"));
      await().until(() -> found(server, "tag-without-image") == 2);
      assertThat(found(server, "tag-broken")).isZero();
    }
  }

  @Test
  void aServerThatStopsDoesNotWaitForALargeLayerAndGoesOnAfterwards(CapturedOutput output)
      throws Exception {
    TestImage small = TestImage.base("small", "a layer");
    TestImage large = TestImage.base("large", "another layer");
    try (RegistryServer server = RegistryServer.start(directory.resolve("store"))) {
      small.push(server.client());
      large.push(server.client());
    }
    List<TestImage> inOrder =
        small.id().compareTo(large.id()) < 0 ? List.of(small, large) : List.of(large, small);
    Path layer = directory.resolve("store/images/" + inOrder.get(1).id() + "/layer");
    long size = Files.size(layer);
    try (RandomAccessFile file = new RandomAccessFile(layer.toFile(), "rw")) {
      file.setLength(40L << 30);
    }
    RegistryServer stopped = start("--registry.check.rate=1MB");
    await().until(() -> bytesRead(stopped) > 100_000);

    Instant told = Instant.now();
    stopped.close();

    assertThat(Duration.between(told, Instant.now())).isLessThan(Duration.ofSeconds(8));
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getName().equals("scrub") && thread.isAlive());
    assertThat(output.getOut()).contains("The check of the store was stopped, and goes on");
    assertThat(complete(output)).isZero();
    try (RandomAccessFile file = new RandomAccessFile(layer.toFile(), "rw")) {
      file.setLength(size);
    }
    try (RegistryServer server = start()) {
      await().until(() -> complete(output) == 1);
      assertThat(output.getOut()).contains("The check of the store goes on");
      assertThat(report().path("findings").isEmpty()).isTrue();
      assertThat(objects(server, "images")).isEqualTo(2);
    }
  }

  @Test
  void pushesAndRemovalsMeanwhileAreNoFindings(CapturedOutput output) throws Exception {
    ExecutorService clients = Executors.newFixedThreadPool(2);
    AtomicBoolean over = new AtomicBoolean();
    try (RegistryServer server =
        start(
            "--registry.check.interval=1ms",
            "--registry.check.rate=1GB",
            "--registry.uploads.sweep-interval=1s")) {
      List<Future<?>> running =
          List.of(
              clients.submit(() -> pushOverV1(server.client(), over)),
              clients.submit(() -> pushOverV2(server.client(), over)));
      // The first checks may be over before anything was pushed.
      await()
          .atMost(Duration.ofMinutes(1))
          .until(() -> complete(output) >= 20 && objects(server, "images") > 0);
      over.set(true);
      for (Future<?> each : running) {
        each.get();
      }
      assertThat(objects(server, "images") + objects(server, "manifests")).isPositive();
    } finally {
      over.set(true);
      clients.shutdownNow();
    }
    assertThat(output.getOut()).doesNotContain("The check of the store has found");
  }

  private static void pushOverV1(TestClient client, AtomicBoolean over) {
    TestImage image = TestImage.base("first", "first").push(client);
    for (int number = 0; !over.get(); number++) {
      image = TestImage.child("v1-" + number, image, "layer " + number).push(client);
      String tags = "/v1/repositories/team/app/tags/";
      assertThat(client.put(tags + "t" + number % 3, "\"" + image.id() + "\"").status())
          .isEqualTo(200);
      if (number % 4 == 3) {
        assertThat(client.delete("/v1/repositories/team/app/").status()).isEqualTo(200);
        image = TestImage.base("base-" + number, "base " + number).push(client);
      }
    }
  }

  private static void pushOverV2(TestClient client, AtomicBoolean over) {
    V2Pusher pusher = new V2Pusher(client, "v2/app");
    for (int number = 0; !over.get(); number++) {
      byte[] manifest = V2Image.of("v2-" + number, "base", "top " + number).pushBlobs(pusher);
      assertThat(pusher.put("t" + number % 3, manifest).status()).isEqualTo(201);
      pusher.tagged("artifact", "artifact " + number);
      assertThat(pusher.patch(pusher.begin(), bytes("never finished")).status()).isEqualTo(202);
      if (number % 2 == 0) {
        assertThat(pusher.delete("manifests/" + Digest.of(manifest)).status()).isEqualTo(202);
      }
      if (number % 5 == 4) {
        assertThat(pusher.removeOverV1().status()).isEqualTo(200);
      }
    }
  }

  @Test
  void anotherServerWithTheSameDirectoryLeavesTheCheckToTheFirst(CapturedOutput output) {
    OriginalStore store = OriginalStore.unpack(directory.resolve("store"));
    store.write("repositories/library/solo/tag_lost", TestImage.id("lost"));
    try (RegistryServer first = start("--registry.check.rate=1KB")) {
      await().until(() -> bytesRead(first) > 0);
      try (RegistryServer second = start()) {
        await().until(() -> output.getOut().contains("Another check uses"));
        assertThat(bytesRead(second)).isZero();
      }
    }
  }

  @Test
  void aDirectoryWithOtherFilesIsUsedAndOneThatCannotBeUsedIsSaid(CapturedOutput output)
      throws Exception {
    Path work = Files.createDirectories(directory.resolve("check/work"));
    Files.writeString(work.resolve("state.json"), "{\"phase\": ");
    Files.writeString(directory.resolve("check/last.json"), "{}");
    try (RegistryServer server = start()) {
      await().until(() -> complete(output) == 1);
      assertThat(found(server, "blob-missing")).isZero();
    }
    assertThat(report().path("findings").isEmpty()).isTrue();

    Path file = Files.createFile(directory.resolve("file"));
    try (RegistryServer server =
        RegistryServer.start(
            directory.resolve("store"),
            "--registry.check.scrub=true",
            "--registry.check.directory=" + file.resolve("below"))) {
      await().until(() -> output.getOut().contains("The check of the store goes on in PT5M"));
      assertThat(server.client().get("/v1/_ping").status()).isEqualTo(200);
    }
  }

  @Test
  void unlessItIsWantedTheServerChecksNothing() {
    try (RegistryServer server = RegistryServer.start(directory.resolve("store"))) {
      assertThat(server.client().get("/v1/_ping").status()).isEqualTo(200);
      assertThat(Thread.getAllStackTraces().keySet())
          .noneMatch(thread -> thread.getName().equals("scrub"));
      assertThat(server.bean(MeterRegistry.class).find("registry.check.bytes").meter()).isNull();
    }
  }
}
