package io.registry.operations.backfill;

import static io.registry.operations.backfill.Backfills.put;
import static io.registry.operations.backfill.Backfills.tag;
import static org.assertj.core.api.Assertions.assertThat;

import io.registry.operations.backfill.Backfills.Answer;
import io.registry.operations.command.Commands;
import io.registry.operations.command.Console;
import io.registry.testkit.OriginalStore;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import io.registry.testkit.TestLayer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

@Tag("slow")
class LocalBackfillHttpTest extends BackfillHttpContract {
  @TempDir Path directory;
  private OriginalStore store;

  @BeforeEach
  void unpack() {
    store = OriginalStore.unpack(directory.resolve("original"));
  }

  @Override
  List<String> arguments() {
    return List.of("--registry.storage.local.path=" + directory.resolve("pushed"));
  }

  @Override
  boolean pointsToBlobs() {
    return false;
  }

  /** Pulls the manifest of each tag over V2. */
  private static void pullAll(OriginalStore store, String... settings) {
    try (RegistryServer server = RegistryServer.start(store.root(), settings)) {
      TestClient client = server.client();
      int pulled = 0;
      for (String name : names(client, "/v2/_catalog", "repositories")) {
        for (String tag : names(client, "/v2/" + name + "/tags/list", "tags")) {
          TestClient.Answer answer = client.get("/v2/" + name + "/manifests/" + tag);
          assertThat(answer.status()).as(name + ":" + tag + " " + answer).isEqualTo(200);
          pulled++;
        }
      }
      assertThat(pulled).isGreaterThan(5);
    }
  }

  private static List<String> names(TestClient client, String path, String field) {
    List<String> names = new ArrayList<>();
    new JsonMapper()
        .readTree(client.get(path).bytes())
        .path(field)
        .forEach(name -> names.add(name.asString()));
    return names;
  }

  @Test
  void pullsFindAllThatTheyWouldMakeAndWriteNothing() {
    Map<String, String> original = store.hashes();

    Answer answer = Backfills.run(store);

    assertThat(answer.status()).as(answer.said()).isZero();
    assertThat(answer.findings()).isEmpty();
    Map<String, String> prepared = store.hashes();
    assertThat(prepared).containsAllEntriesOf(original).hasSizeGreaterThan(original.size() + 100);
    pullAll(store);
    assertThat(store.hashes()).isEqualTo(prepared);
  }

  @Test
  void aBackfillMakesTheSameBytesAsPullsDo() {
    OriginalStore pulled = OriginalStore.unpack(directory.resolve("pulled"));
    pullAll(pulled);

    Backfills.run(store);

    assertThat(Backfills.contents(store.root()))
        .isNotEmpty()
        .isEqualTo(Backfills.contents(pulled.root()));
  }

  @Test
  void aDryRunReadsEachLayerOnceAndChangesNothing() {
    putCut();
    Map<String, String> before = store.hashes();

    Answer dry = Backfills.run(store, "--dry-run");

    assertThat(store.hashes()).isEqualTo(before);
    assertThat(dry.summary().path("dryRun").asBoolean()).isTrue();
    Answer real = Backfills.run(store);
    assertThat(dry.findings()).isNotEmpty().isEqualTo(real.findings());
    assertThat(dry.status()).isEqualTo(real.status()).isEqualTo(1);
    for (String count : List.of("preparedNow", "layersRead", "bytesRead", "bytesWritten")) {
      assertThat(dry.count(count)).as(count).isPositive().isEqualTo(real.count(count));
    }
    assertThat(dry.said()).contains("nothing was written");
  }

  @Test
  void aDryRunWithoutLayersSaysHowMuchThereIsToRead() {
    Map<String, String> before = store.hashes();

    Answer dry = Backfills.run(store, "--dry-run", "--layers=skip");

    assertThat(store.hashes()).isEqualTo(before);
    assertThat(dry.count("layersRead")).isZero();
    Answer real = Backfills.run(store);
    assertThat(dry.count("notPrepared")).isEqualTo(real.count("preparedNow"));
    assertThat(dry.count("layersToRead")).isPositive().isEqualTo(real.count("layersRead"));
    assertThat(dry.count("bytesToRead")).isPositive().isEqualTo(real.count("bytesRead"));
    assertThat(Backfills.run(store, "--dry-run", "--layers=skip").count("layersToRead")).isZero();
  }

  private TestImage putCut() {
    byte[] whole = TestLayer.empty().file("etc/large", 10_000).bytes();
    TestImage cut = TestImage.of("cut", "", Arrays.copyOf(whole, 5_000));
    put(store, cut);
    TestImage child = TestImage.of("on-cut", cut.id(), TestLayer.of("etc/more"));
    put(store, child, cut);
    tag(store, "cut", "a", child.id());
    tag(store, "cut", "b", child.id());
    return cut;
  }

  @Test
  void eachTagOfAnImageThatCannotBeServedIsNamedWithTheReason() {
    TestImage cut = putCut();
    tag(store, "lost", "latest", TestImage.id("lost"));

    Answer first = Backfills.run(store);
    Answer second = Backfills.run(store);

    for (Answer answer : List.of(first, second)) {
      assertThat(answer.status()).isEqualTo(1);
      assertThat(answer.findings())
          .containsExactlyInAnyOrder(
              "not-representable library/cut:a",
              "not-representable library/cut:b",
              "image-missing library/lost:latest");
      assertThat(answer.textOf("a")).contains(cut.id()).contains("cannot be unpacked");
      assertThat(answer.count("notRepresentable")).isEqualTo(1);
      assertThat(answer.count("missing")).isEqualTo(1);
      assertThat(answer.said()).contains("not-representable library/cut:b: ", "3 findings.");
    }
    assertThat(second.count("layersRead")).isZero();
  }

  @Test
  void namesThatV2CannotExpressAreToldAndTheirImagesAreLeftAlone() {
    TestImage hidden = TestImage.of("hidden", "", TestLayer.of("a"));
    put(store, hidden);
    for (String name : List.of("a..b", "-x", "a___b", "Upper")) {
      tag(store, name, "one", hidden.id());
      tag(store, name, "two", hidden.id());
    }
    tag(store, "fine", ".hidden", hidden.id());

    Answer answer = Backfills.run(store);

    assertThat(answer.status()).isEqualTo(1);
    assertThat(answer.findings())
        .containsExactlyInAnyOrder(
            "name-not-in-v2 library/a..b:",
            "name-not-in-v2 library/-x:",
            "name-not-in-v2 library/a___b:",
            "name-not-in-v2 library/Upper:",
            "tag-not-in-v2 library/fine:.hidden");
    assertThat(store.hashes().keySet())
        .noneMatch(file -> file.startsWith("_v2/") && file.contains(hidden.id()));
  }

  @Test
  void aChainOfMoreLayersThanDockerTakesIsTold() {
    List<TestImage> chain = new ArrayList<>();
    for (int i = 0; i < 126; i++) {
      String parent = chain.isEmpty() ? "" : chain.get(0).id();
      TestImage image = TestImage.of("deep" + i, parent, TestLayer.of("file" + i));
      put(store, image, chain.toArray(TestImage[]::new));
      chain.add(0, image);
    }
    tag(store, "deep", "at-most", chain.get(1).id());
    tag(store, "deep", "too-deep", chain.get(0).id());

    Answer answer = Backfills.run(store);

    assertThat(answer.findings()).containsExactly("too-deep library/deep:too-deep");
    assertThat(answer.textOf("too-deep")).contains("126 layers");
    assertThat(answer.status()).isEqualTo(1);
    assertThat(Backfills.run(store).findings()).isEqualTo(answer.findings());
  }

  @Test
  void layersAreNotReadFasterThanWanted() {
    Answer answer = Backfills.run(store, "--rate=60KB");

    long bytes = answer.count("bytesRead");
    assertThat(bytes).isGreaterThan(100_000);
    assertThat(answer.summary().path("milliseconds").asLong())
        .isGreaterThan(bytes * 900 / (60 * 1024));
  }

  @Test
  void aReportInAFileIsThereWhenItIsWhole() {
    Path report = directory.resolve("report.jsonl");

    int status =
        Commands.run(
            new BackfillCommand(),
            List.of("--report=" + report, Backfills.settings(store).get(0)),
            new Console(System.in, System.err, System.err));

    assertThat(status).isZero();
    assertThat(report).content().contains("\"code\":\"summary\"").endsWith("\n");
    assertThat(directory.resolve("report.jsonl.part")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"--rate=1MB", "--layers=skip"})
  void aMaterializationReadsNoLayers(String wrong) {
    Answer answer = Backfills.run(store, "--materialize", "--dry-run", wrong);

    assertThat(answer.status()).isEqualTo(2);
    assertThat(answer.said()).contains("--materialize goes with");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--dry-rum",
        "now",
        "--dry-run=1",
        "--layers=skip",
        "--layers=some",
        "--rate=",
        "--rate=fast",
        "--rate=0B",
        "--report=",
        "--materialize=1",
        "--spring.profiles.active=s3",
        "--registry.v2.backfil=true"
      })
  void aCommandThatMakesNoSenseIsRefused(String wrong) {
    Answer answer = Backfills.run(store, wrong);

    assertThat(answer.status()).isEqualTo(2);
    assertThat(answer.lines()).isEmpty();
    assertThat(answer.said()).isNotEmpty();
  }
}
