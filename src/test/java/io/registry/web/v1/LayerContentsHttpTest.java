package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.registry.testkit.OriginalStore;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import io.registry.testkit.TestLayer;
import io.registry.testkit.Together;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** What layers hold and what they change, on a store that the original wrote. */
@TestInstance(Lifecycle.PER_CLASS)
@Tag("slow")
class LayerContentsHttpTest {
  private static final String YEAR = "public, max-age=31536000";

  /** With a whiteout that the original did not know as such, because it is not at the root. */
  private static final String DEEP =
      "d0a118259d7c8fdb46520e9f64b014303c07b27b39faec4590ef85961d975082";

  private static final String ROOT_WHITEOUT =
      "aa3ec46707982af4b687cda1d1f246bd08599c38f66789d0ad6c40051fe03fb2";
  private static final String PLAIN =
      "20d20d7f50d42b3784af95a8113aae34ab529ef855eb99accb1adc2a50b0f0c2";
  private static final String EMPTY = "ec6f080d1ab394d6";
  private static final Set<String> UNFINISHED =
      Set.of(
          "bea3751fd90e1dc35c0af8cdc5199eb4e91a8cb38abbcbdc511ee100eb779e8e",
          "cadb3ae40d83439fec32df9fe167222ba441ed4f4f1026d1ff7cdd15356ee311");

  private OriginalStore store;
  private Set<String> originals = Set.of();
  private RegistryServer server;
  private TestClient client;

  @BeforeAll
  void start(@TempDir Path directory) {
    store = OriginalStore.unpack(directory);
    originals = store.images();
    server = RegistryServer.start(store.root());
    client = server.client();
  }

  @AfterAll
  void stop() {
    server.close();
  }

  private static String path(String id, String part) {
    return "/v1/images/" + id + "/" + part;
  }

  private TestImage push(String name, byte[] layer) {
    return TestImage.of(name, "", layer).push(client);
  }

  private Answer awaitDiff(String id) {
    return await()
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> client.get(path(id, "diff")),
            answer -> answer.status() != 200 || answer.bytes().length > 0);
  }

  private long count(String name) {
    return server.bean(MeterRegistry.class).find(name).timers().stream()
        .mapToLong(Timer::count)
        .sum();
  }

  private static byte[] gzip(byte[] bytes) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(bytes);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return packed.toByteArray();
  }

  private static byte[] gzipped(int zeros) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      for (int i = 0; i < zeros; i += 1_000_000) {
        out.write(new byte[1_000_000]);
      }
    }
    return packed.toByteArray();
  }

  @Test
  void listsOfTheOriginalAreServedAsTheyAreAndMadeAgainTheSame() throws IOException {
    Map<String, String> lists = new TreeMap<>();
    for (String id : originals) {
      String file = "images/" + id + "/_files";
      if (store.has(file)) {
        lists.put(id, store.text(file));
        assertThat(client.get(path(id, "files")).text()).isEqualTo(store.text(file));
        Files.delete(store.root().resolve(file));
      }
    }
    assertThat(lists).hasSize(5);
    lists.computeIfPresent(
        DEEP,
        (id, list) -> list.replace("\"srv/.wh.motd\", \"f\", false", "\"srv/motd\", \"f\", true"));
    lists.forEach(
        (id, list) -> {
          assertThat(client.get(path(id, "files")).text()).isEqualTo(list);
          assertThat(store.text("images/" + id + "/_files")).isEqualTo(list);
        });
  }

  @Test
  void allLayersOfTheOriginalsStoreAreListed() {
    for (String id : originals) {
      Answer answer = client.get(path(id, "files"));
      assertThat(answer.status()).as(id).isEqualTo(UNFINISHED.contains(id) ? 400 : 200);
      assertThat(answer.text()).isNotEmpty();
    }
    assertThat(client.get(path(EMPTY, "files")).text()).isEqualTo("[]");
  }

  @Test
  void theWholeStoreIsCompared() {
    for (String id : originals) {
      if (!UNFINISHED.contains(id)) {
        assertThat(awaitDiff(id).status()).as(id).isEqualTo(200);
      }
    }
    assertThat(awaitDiff(ROOT_WHITEOUT).text())
        .isEqualTo(
            "{\"deleted\": {\"/srv\": [\"f\", true, 0, 1412345678, 420, 0, 0]}, \"changed\": {},"
                + " \"created\": {\"/opt/x\": [\"f\", false, 1, 1412345678, 420, 0, 0]}}");
    assertThat(awaitDiff(PLAIN).text())
        .startsWith("{\"deleted\": {}, \"changed\": {}, \"created\": {\"srv\":");
    // The list that the original made tells it only to who knows where whiteouts may be.
    assertThat(awaitDiff(DEEP).text())
        .isEqualTo(
            "{\"deleted\": {\"srv/motd\": [\"f\", true, 0, 1412345678, 420, 0, 0]}, \"changed\": {},"
                + " \"created\": {\"srv/two\": [\"f\", false, 2, 1412345678, 420, 0, 0]}}");
  }

  @Test
  void aDamagedListIsMadeAnew() throws IOException {
    TestImage image = push("damaged", TestLayer.of("a"));
    Path list = store.root().resolve("images/" + image.id() + "/_files");
    for (String damaged : List.of("", "[", "[[\"a\", \"f\"]]", "{}", "[] []", "[[1], [2]]")) {
      Files.writeString(list, damaged);
      assertThat(client.get(image.path("files")).text())
          .isEqualTo("[[\"a\", \"f\", false, 0, 1400000000, 420, 0, 0]]");
    }
    Path diff = store.root().resolve("images/" + image.id() + "/_diff");
    for (String damaged : List.of("", "{\"deleted\": {", "[]")) {
      Files.writeString(diff, damaged);
      assertThat(awaitDiff(image.id()).text())
          .isEqualTo(
              "{\"deleted\": {}, \"changed\": {}, \"created\": {\"a\": [\"f\", false, 0, 1400000000,"
                  + " 420, 0, 0]}}");
    }
  }

  @Test
  void whatTheOriginalOnceAnsweredIsAnsweredAgain() {
    TestLayer layer =
        TestLayer.empty()
            .file("./", 0)
            .file("etc/", 0)
            .entry("etc/passwd", TarConstants.LF_NORMAL, 5, entry -> entry.setIds(3, 4))
            .file("./dot/file", 1)
            .file("/abs/file", 2)
            .entry("link", TarConstants.LF_SYMLINK, 0, entry -> entry.setLinkName("etc"))
            .entry("hard", TarConstants.LF_LINK, 0, entry -> entry.setLinkName("link"))
            .entry("fifo", TarConstants.LF_FIFO, 0, entry -> {})
            .entry("chr", TarConstants.LF_CHR, 0, entry -> {})
            .entry("blk", TarConstants.LF_BLK, 0, entry -> {})
            .file("./.wh.gone", 0)
            .file(".wh.plain", 0)
            .file("/.wh.abs", 0)
            .file("./.wh..wh.aufs", 0)
            .file("dir/.wh.deep", 0)
            .file("long/" + "n".repeat(150), 1)
            .file("caf\u00e9", 1)
            .entry("mtime", TarConstants.LF_NORMAL, 0, entry -> entry.setModTime(1_000L))
            .file("big", 5000);
    byte[] tar = layer.bytes();
    for (byte[] packed : List.of(tar, gzip(tar))) {
      TestImage image = push("recorded " + packed.length, packed);
      assertThat(client.get(image.path("files")).text())
          .isEqualTo(
              "[[\"/\", \"d\", false, 0, 1400000000, 493, 0, 0], [\"etc\", \"d\", false, 0,"
                  + " 1400000000, 493, 0, 0], [\"etc/passwd\", \"f\", false, 5, 1400000000, 420, 3,"
                  + " 4], [\"/dot/file\", \"f\", false, 1, 1400000000, 420, 0, 0], [\"/abs/file\","
                  + " \"f\", false, 2, 1400000000, 420, 0, 0], [\"link\", \"s\", false, 0,"
                  + " 1400000000, 420, 0, 0], [\"hard\", \"l\", false, 0, 1400000000, 420, 0, 0],"
                  + " [\"fifo\", \"i\", false, 0, 1400000000, 420, 0, 0], [\"chr\", \"c\", false, 0,"
                  + " 1400000000, 420, 0, 0], [\"blk\", \"b\", false, 0, 1400000000, 420, 0, 0],"
                  + " [\"/gone\", \"f\", true, 0, 1400000000, 420, 0, 0],"
                  // Here the original had [".wh.plain", "f", false, and ["dir/.wh.deep", "f",
                  // false.
                  + " [\"plain\", \"f\", true, 0, 1400000000, 420, 0, 0],"
                  + " [\"/abs\", \"f\", true, 0, 1400000000, 420, 0, 0],"
                  + " [\"dir/deep\", \"f\", true, 0, 1400000000, 420, 0, 0], [\"long/"
                  + "n".repeat(150)
                  + "\", \"f\", false, 1, 1400000000, 420, 0, 0], [\"caf\\u00e9\", \"f\", false, 1,"
                  + " 1400000000, 420, 0, 0], [\"mtime\", \"f\", false, 0, 1, 420, 0, 0], [\"big\","
                  + " \"f\", false, 5000, 1400000000, 420, 0, 0]]");
    }
  }

  @Test
  void diffsAreToldAsTheOriginalToldThem() {
    TestImage base =
        push(
            "base",
            TestLayer.empty()
                .file("./", 0)
                .file("./keep", 1)
                .file("./change", 1)
                .file("./gone", 1)
                .bytes());
    TestImage child =
        TestImage.of(
                "child",
                base.id(),
                TestLayer.empty()
                    .file("./change", 2)
                    .file("./.wh.gone", 0)
                    .file("./new", 1)
                    .bytes())
            .push(client);
    TestImage grandchild =
        TestImage.of(
                "grandchild",
                child.id(),
                TestLayer.of("keep", "gone", "new", ".wh.change", "other"))
            .push(client);

    assertThat(awaitDiff(child.id()).text())
        .isEqualTo(
            "{\"deleted\": {\"/gone\": [\"f\", true, 0, 1400000000, 420, 0, 0]}, \"changed\":"
                + " {\"/change\": [\"f\", false, 2, 1400000000, 420, 0, 0]}, \"created\": {\"/new\":"
                + " [\"f\", false, 1, 1400000000, 420, 0, 0]}}");
    assertThat(awaitDiff(base.id()).text())
        .isEqualTo(
            "{\"deleted\": {}, \"changed\": {}, \"created\": {\"/\": [\"d\", false, 0, 1400000000,"
                + " 493, 0, 0], \"/keep\": [\"f\", false, 1, 1400000000, 420, 0, 0], \"/change\":"
                + " [\"f\", false, 1, 1400000000, 420, 0, 0], \"/gone\": [\"f\", false, 1,"
                + " 1400000000, 420, 0, 0]}}");
    String file = ": [\"f\", false, 0, 1400000000, 420, 0, 0]";
    // Below, gone was taken away again; and names are of one file however they are spelled.
    assertThat(awaitDiff(grandchild.id()).text())
        .isEqualTo(
            ("{\"deleted\": {\"change\": [\"f\", true, 0, 1400000000, 420, 0, 0]}, \"changed\":"
                    + " {\"keep\"%1$s, \"new\"%1$s}, \"created\": {\"gone\"%1$s, \"other\"%1$s}}")
                .formatted(file));
  }

  @Test
  void ofTwoEntriesOfOneNameTheLastOneCounts() {
    TestImage image =
        push("twice", TestLayer.empty().file("a", 1).file("b", 2).file("a", 3).bytes());
    assertThat(awaitDiff(image.id()).text())
        .isEqualTo(
            "{\"deleted\": {}, \"changed\": {}, \"created\": {\"b\": [\"f\", false, 2, 1400000000,"
                + " 420, 0, 0], \"a\": [\"f\", false, 3, 1400000000, 420, 0, 0]}}");
  }

  @Test
  void whiteoutsAreKnownInAnyFolder() {
    TestImage image =
        push(
            "whiteouts",
            TestLayer.of(
                "a/b/.wh.c",
                "./d/.wh.e",
                "/f/.wh.g",
                "a/.wh..wh.plnk",
                "a/.wh..wh.plnk/1.2",
                ".wh..wh.aufs",
                "h/.wh..wh..opq",
                "./.wh..wh..opq",
                "i/.wh."));
    String deleted = "\", \"f\", true, 0, 1400000000, 420, 0, 0]";
    assertThat(client.get(image.path("files")).text())
        .isEqualTo(
            "[[\"a/b/c%1$s, [\"/d/e%1$s, [\"/f/g%1$s, [\"h/.wh..wh..opq%1$s, [\"i/.wh.%2$s]"
                .formatted(deleted, deleted.replace("true", "false")));
  }

  @Test
  void whatIsFinalIsCachedAndWhatIsNotThereYetIsNot() {
    TestImage image = push("cached", TestLayer.of("a"));
    Answer pending = client.get(image.path("diff"));
    assertThat(pending.status()).isEqualTo(200);
    assertThat(pending.bytes()).isEmpty();
    assertThat(pending.header("Cache-Control")).isEqualTo("no-store");
    assertThat(pending.header("Retry-After")).isNotEmpty();
    assertThat(pending.header("Content-Type")).isEqualTo("application/json");
    assertThat(pending.header("ETag")).isEmpty();

    awaitDiff(image.id());
    for (String part : List.of("files", "diff")) {
      Answer answer = client.get(image.path(part));
      assertThat(answer.header("Cache-Control")).isEqualTo(YEAR);
      assertThat(answer.header("Last-Modified")).isEqualTo("Thu, 01 Jan 1970 00:00:00 GMT");
      assertThat(answer.header("Content-Type")).isEqualTo("application/json");
      assertThat(answer.header("Retry-After")).isEmpty();
      String etag = answer.header("ETag");
      assertThat(client.get(image.path(part), "If-None-Match", etag).status()).isEqualTo(304);
      assertThat(client.get(image.path(part), "If-None-Match", "\"x\"").status()).isEqualTo(200);
      Answer head = client.head(image.path(part));
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.bytes()).isEmpty();
      for (String header : List.of("Content-Length", "Content-Type", "ETag", "Cache-Control")) {
        assertThat(head.header(header)).isEqualTo(answer.header(header));
      }
    }
  }

  @Test
  void aThousandQuestionsMakeOneJob() throws Exception {
    TestImage image = push("asked", TestLayer.of("a"));
    long before = count("registry.contents.diffs");
    Together.run(
        Collections.nCopies(
            10,
            () -> {
              for (int i = 0; i < 100; i++) {
                assertThat(client.get(image.path("diff")).status()).isEqualTo(200);
              }
            }));
    awaitDiff(image.id());
    // All that was queued before is done when the next one is.
    awaitDiff(push("asked next", TestLayer.of("b")).id());
    assertThat(count("registry.contents.diffs")).isEqualTo(before + 2);
  }

  @Test
  void manyWhoAskForAListReadTheLayerOnce() throws Exception {
    TestImage image = push("listed once", gzip(TestLayer.empty().file("zeros", 5_000_000).bytes()));
    long before = count("registry.contents.listings");
    Together.run(
        Collections.nCopies(
            20,
            () ->
                assertThat(client.get(image.path("files")).text())
                    .isEqualTo("[[\"zeros\", \"f\", false, 5000000, 1400000000, 420, 0, 0]]")));
    assertThat(count("registry.contents.listings")).isLessThanOrEqualTo(before + 2);
  }

  @Test
  void unknownAndUnfinishedImagesAreRefusedAsElsewhere() {
    String unfinished = UNFINISHED.iterator().next();
    for (String part : List.of("files", "diff")) {
      Answer unknown = client.get(path("f".repeat(64), part));
      assertThat(unknown.status()).isEqualTo(404);
      assertThat(unknown.text()).isEqualTo("{\"error\": \"Image not found\"}");
      assertThat(client.head(path("f".repeat(64), part)).status()).isEqualTo(404);
      assertThat(client.get(path("nonsense", part)).status()).isEqualTo(404);
      Answer uploading = client.get(path(unfinished, part));
      assertThat(uploading.status()).isEqualTo(400);
      assertThat(uploading.text())
          .isEqualTo("{\"error\": \"Image is being uploaded, retry later\"}");
      assertThat(client.put(path(PLAIN, part), "").status()).isEqualTo(405);
    }
  }

  @Test
  void aLayerThatIsNoArchiveIsRefusedAndThatIsToldForItsDiffToo() {
    TestImage image = push("garbage", "this is no archive".getBytes(StandardCharsets.UTF_8));
    TestImage child = TestImage.of("on garbage", image.id(), TestLayer.of("a")).push(client);
    for (int i = 0; i < 2; i++) {
      Answer files = client.get(image.path("files"));
      assertThat(files.status()).isEqualTo(400);
      assertThat(files.text()).isEqualTo("{\"error\": \"Layer format not supported\"}");
      assertThat(files.header("Cache-Control")).isEqualTo("no-cache");
    }
    for (TestImage each : List.of(image, child)) {
      Answer diff = awaitDiff(each.id());
      assertThat(diff.status()).isEqualTo(400);
      assertThat(diff.text()).isEqualTo("{\"error\": \"Layer format not supported\"}");
    }
    assertThat(store.list("images/" + image.id())).doesNotContain("_files", "_diff");
  }

  @Test
  void bombsAreRefused() throws IOException {
    Answer packed = client.get(push("ratio.gz", gzipped(100_000_000)).path("files"));
    assertThat(packed.text()).contains("more than 250 times as large as packed");
    for (String bomb :
        List.of(
            "ratio.bz2",
            "ratio.xz",
            "ratio.zst",
            "dictionary.xz",
            "dictionary.lzma",
            "window.zst")) {
      byte[] layer = Files.readAllBytes(Path.of("src/test/resources/layers/bomb-" + bomb));
      Answer answer = client.get(push(bomb, layer).path("files"));
      assertThat(answer.status()).as(bomb).isEqualTo(400);
      assertThat(answer.text())
          .isEqualTo(
              bomb.startsWith("ratio")
                  ? "{\"error\": \"The layer is not listed: unpacked it is more than 250 times as"
                      + " large as packed\"}"
                  : bomb.startsWith("dictionary")
                      ? "{\"error\": \"The layer is not listed: unpacking it takes too much memory\"}"
                      : "{\"error\": \"Layer format not supported\"}");
    }
  }

  @Test
  void whatIsKnownOfALostLayerGoesWhenTheImageIsPushedAnew() throws IOException {
    TestImage image = push("anew", TestLayer.of("old"));
    awaitDiff(image.id());
    assertThat(store.list("images/" + image.id())).contains("_files", "_diff");
    Files.delete(store.root().resolve("images/" + image.id() + "/layer"));
    assertThat(client.get(image.path("files")).status()).isEqualTo(404);

    TestImage other = image.withLayer(TestLayer.of("new"));
    other.push(client);
    assertThat(client.get(image.path("files")).text()).contains("\"new\"");
    assertThat(awaitDiff(image.id()).text()).contains("\"new\"");
  }

  @Test
  void switchedOffNothingIsThere(@TempDir Path directory) {
    try (RegistryServer without =
        RegistryServer.start(directory, "--registry.contents.enabled=false")) {
      TestImage image = TestImage.of("without", "", TestLayer.of("a")).push(without.client());
      for (String part : List.of("files", "diff")) {
        assertThat(without.client().get(image.path(part)).status()).isEqualTo(404);
      }
      assertThat(Thread.getAllStackTraces().keySet().stream().map(Thread::getName))
          .as("threads of the other server only")
          .filteredOn(name -> name.startsWith("layer-diff-"))
          .hasSize(1);
    }
  }

  @Test
  void afterAPushItIsComparedByItself(@TempDir Path directory) {
    try (RegistryServer eager =
        RegistryServer.start(directory, "--registry.contents.diff-after-push=true")) {
      TestImage image = TestImage.of("eager", "", TestLayer.of("a")).push(eager.client());
      Path diff = directory.resolve("images/" + image.id() + "/_diff");
      await().atMost(Duration.ofSeconds(20)).until(() -> Files.exists(diff));
    }
  }
}
