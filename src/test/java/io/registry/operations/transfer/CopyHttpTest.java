package io.registry.operations.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.operations.transfer.Transfers.Answer;
import io.registry.testkit.DistributionServer;
import io.registry.testkit.FaultProxy;
import io.registry.testkit.FaultProxy.Fault;
import io.registry.testkit.OriginalStore;
import io.registry.testkit.RegistryServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Copies of a store that the original wrote, to other registries. */
@Tag("external")
@Tag("slow")
class CopyHttpTest {
  private static final String PASSWORD = "correct horse";
  @TempDir Path directory;
  private OriginalStore store;

  @BeforeEach
  void unpack() {
    store = OriginalStore.unpack(directory.resolve("store"));
  }

  private Answer copy(String to, String... arguments) {
    return Transfers.run(
        new CopyCommand(Transfers.REGISTRY, Transfers.QUICK),
        store.root(),
        Stream.concat(Stream.of("--to", to), Arrays.stream(arguments)).toArray(String[]::new));
  }

  private RegistryServer target(String... arguments) {
    return RegistryServer.start(directory.resolve("target"), arguments);
  }

  private static String url(RegistryServer server) {
    return "http://127.0.0.1:" + server.port();
  }

  private Map<String, String> served(String prefix) {
    Map<String, String> served = new TreeMap<>();
    try (RegistryServer server = RegistryServer.start(store.root())) {
      Transfers.served(server.client())
          .forEach((name, digest) -> served.put(prefix + name, digest));
    }
    return served;
  }

  @Test
  void everyImageIsThereUnderItsDigestAndASecondCopySendsNothing() {
    try (RegistryServer server = target()) {
      Answer dry = copy(url(server) + "/old/v1", "--all", "--dry-run");
      assertThat(Transfers.served(server.client())).isEmpty();

      Answer answer = copy(url(server) + "/old/v1", "--all");

      assertThat(answer.status()).as(answer.said()).isZero();
      assertThat(dry.results().values()).containsOnly("would");
      Map<String, String> there = Transfers.served(server.client());
      assertThat(there).isEqualTo(served("old/v1/")).hasSizeGreaterThan(8);
      Transfers.requireWhole(server.client());
      JsonNode line =
          answer.lines().stream()
              .filter(each -> Transfers.text(each, "repository").equals("library/solo"))
              .findFirst()
              .orElseThrow();
      assertThat(Transfers.text(line, "target"))
          .isEqualTo("old/v1/solo@" + there.get("old/v1/solo:latest"));
      assertThat(Transfers.text(line, "image"))
          .isEqualTo(store.text("repositories/library/solo/tag_latest").strip());
      Answer again = copy(url(server) + "/old/v1", "--all");
      assertThat(again.results().values()).containsOnly("present");
      assertThat(again.count("bytes")).isZero();
    }
  }

  @Test
  void whatBreaksOffIsTriedAgainUntilEverythingIsThere() throws Exception {
    try (RegistryServer server = target();
        FaultProxy proxy = new FaultProxy(server.port())) {
      Map<String, Integer> seen = new TreeMap<>();
      // Each kind of request fails in each way, one after the other.
      List<Fault> faults =
          List.of(
              Fault.resetInBody(100), Fault.status(503, "later"), Fault.none(), Fault.loseAnswer());
      proxy.plan(
          (number, request) -> {
            synchronized (seen) {
              String kind =
                  request.replaceAll("[0-9a-f]{8,}.*", "").replaceAll("fixtures/.*?/", "");
              int count = seen.merge(kind, 1, Integer::sum);
              return count <= 8 ? faults.get(count % faults.size()) : Fault.none();
            }
          });

      Answer answer = copy(proxy.endpoint().toString(), "--all", "--parallel=2");

      assertThat(answer.status()).as(answer.said()).isZero();
      assertThat(seen.keySet()).hasSizeGreaterThan(4);
      assertThat(Transfers.served(server.client())).isEqualTo(served(""));
      Transfers.requireWhole(server.client());
    }
  }

  @Test
  void whatIsRefusedIsInTheReportAndTheNextCopySendsOnlyThat() throws Exception {
    try (RegistryServer server = target();
        FaultProxy proxy = new FaultProxy(server.port())) {
      proxy.plan(
          1000,
          request -> request.startsWith("PUT /v2/solo/manifests/"),
          Fault.status(
              403, "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"not\u001b[31m here\"}]}"));

      Answer first = copy(proxy.endpoint().toString(), "--all");
      proxy.heal();
      Answer second = copy(proxy.endpoint().toString(), "--all");

      assertThat(first.status()).isEqualTo(1);
      assertThat(first.results()).containsEntry("library/solo:latest", "failed");
      assertThat(first.textOf("library/solo:latest")).contains("403").contains("DENIED");
      assertThat(first.said()).doesNotContain("\u001b");
      assertThat(first.count("done")).isGreaterThan(7);
      assertThat(second.status()).isZero();
      assertThat(second.results()).containsEntry("library/solo:latest", "done");
      assertThat(second.count("done")).isEqualTo(1);
      // The blobs were there already.
      assertThat(proxy.requests()).noneMatch(request -> request.matches("PUT .*/blobs/.*"));
    }
  }

  @Test
  void aTagThatTheOtherRegistryDoesNotServeAfterwardsIsAFinding() throws Exception {
    try (RegistryServer server = target();
        FaultProxy proxy = new FaultProxy(server.port())) {
      // It says that it has it.
      proxy.plan(
          1000,
          request -> request.startsWith("PUT /v2/solo/manifests/"),
          Fault.answer("HTTP/1.1 201 Created\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));

      Answer answer = copy(proxy.endpoint().toString(), "solo");

      assertThat(answer.status()).isEqualTo(1);
      assertThat(answer.results()).isEqualTo(Map.of("library/solo:latest", "refused"));
      assertThat(answer.textOf("library/solo:latest")).contains("afterwards");
      proxy.heal();
      Answer again = copy(proxy.endpoint().toString(), "solo");
      assertThat(again.results()).isEqualTo(Map.of("library/solo:latest", "done"));
      // The blobs were there already.
      assertThat(proxy.requests()).noneMatch(request -> request.matches("PUT .*/blobs/.*"));
    }
  }

  @Test
  void aBlobOfTwoRepositoriesIsSentOnceAndMounted() throws Exception {
    String id = store.text("repositories/library/solo/tag_latest").strip();
    store.write("repositories/library/twin/tag_latest", id);
    try (RegistryServer server = target();
        FaultProxy proxy = new FaultProxy(server.port())) {
      proxy.heal();

      Answer answer = copy(proxy.endpoint().toString(), "solo", "twin", "--parallel=1");

      assertThat(answer.status()).as(answer.said()).isZero();
      assertThat(proxy.requests()).anyMatch(request -> request.contains("mount="));
      List<String> sent =
          proxy.requests().stream()
              .filter(request -> request.matches("PUT .*digest=.*"))
              .map(request -> request.replaceFirst(".*digest=", ""))
              .toList();
      assertThat(sent).isNotEmpty().hasSameSizeAs(new HashSet<>(sent));
      Transfers.requireWhole(server.client());
    }
  }

  @Test
  void aRegistryWithAccountsIsShownWhatDockerLoginWrote() throws Exception {
    try (RegistryServer server =
        target(
            "--registry.index.mode=embedded",
            "--registry.index.admin.password=" + PASSWORD,
            "--spring.datasource.url=jdbc:h2:mem:copy;MODE=PostgreSQL;DB_CLOSE_DELAY=-1")) {
      Path right = Transfers.login(directory, server.port(), PASSWORD);
      Path wrong = Transfers.login(directory, server.port(), "wrong horse");

      Answer refused = copyAs(wrong, url(server) + "/admin");
      Answer answer = copyAs(right, url(server) + "/admin");
      Answer again = copyAs(right, url(server) + "/admin");

      assertThat(refused.status()).isEqualTo(3);
      assertThat(refused.said()).contains("401").doesNotContain("wrong horse");
      assertThat(answer.status()).as(answer.said()).isZero();
      assertThat(answer.results()).containsEntry("library/solo:latest", "done");
      assertThat(again.results()).containsEntry("library/solo:latest", "present");
    }
  }

  private Answer copyAs(Path file, String to) {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    Path report = directory.resolve("report-" + System.nanoTime());
    PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
    int status =
        Transfers.run(
            new CopyCommand(Transfers.REGISTRY, Transfers.QUICK),
            List.of(
                "solo",
                "--to",
                to,
                "--credentials=" + file,
                "--report=" + report,
                "--registry.storage.local.path=" + store.root()),
            out);
    List<JsonNode> lines;
    try {
      lines =
          Files.exists(report)
              ? Files.readAllLines(report).stream().map(Transfers::parse).toList()
              : List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Answer(status, new byte[0], said.toString(StandardCharsets.UTF_8), lines);
  }

  @Test
  void aDamagedLayerIsNotSentWholeAndConcernsItsImagesOnly() throws Exception {
    try (RegistryServer server = target()) {
      // Prepared before, so that the damage is found while the layer is sent.
      copy(url(server) + "/before", "--all");
    }
    String top = store.text("repositories/library/solo/tag_latest").strip();
    Path layer = store.root().resolve("images/" + top + "/layer");
    var time = Files.getLastModifiedTime(layer);
    byte[] bytes = Files.readAllBytes(layer);
    bytes[bytes.length / 2] ^= 1;
    try (var channel = Files.newByteChannel(layer, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(bytes));
    }
    Files.setLastModifiedTime(layer, time);
    try (RegistryServer server = RegistryServer.start(directory.resolve("other"))) {

      Answer answer = copy(url(server), "solo", "fixtures/from-1-5-0");

      assertThat(answer.status()).isEqualTo(1);
      assertThat(answer.results())
          .containsEntry("library/solo:latest", "failed")
          .containsEntry("fixtures/from-1-5-0:v1", "done");
      assertThat(answer.textOf("library/solo:latest")).contains("another digest");
      assertThat(Transfers.served(server.client())).containsOnlyKeys("fixtures/from-1-5-0:v1");
    }
  }

  @Test
  void debiansDistributionTakesEverything() throws Exception {
    Path root;
    try (DistributionServer registry = DistributionServer.start(directory.resolve("other"))) {
      root = registry.root();
      String url = "http://127.0.0.1:" + registry.port() + "/moved";

      Answer answer = copy(url, "--all");
      Answer again = copy(url, "--all");

      assertThat(answer.status()).as(answer.said()).isZero();
      assertThat(again.results().values()).containsOnly("present");
      assertThat(Transfers.served(registry.client())).isEqualTo(served("moved/"));
      Transfers.requireWhole(registry.client());
    }
    // And its folder is imported again.
    Path back = directory.resolve("back");
    Answer imported = Transfers.run(new ImportCommand(Transfers.REGISTRY), back, root.toString());
    assertThat(imported.status()).as(imported.said()).isZero();
    try (RegistryServer server = RegistryServer.start(back)) {
      assertThat(Transfers.served(server.client())).isEqualTo(served("moved/"));
    }
  }

  @Test
  void aRegistryThatIsNotThereEndsTheCopy() throws IOException {
    Path nobody = Files.writeString(directory.resolve("none.json"), "{}");

    Answer answer = copyAs(nobody, "http://127.0.0.1:9");

    assertThat(answer.status()).isEqualTo(3);
    assertThat(answer.said()).contains("does not answer");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "solo",
        "solo --to registry.example",
        "solo --to ftp://registry.example",
        "solo --to https://me:secret@registry.example",
        "solo --to https://registry.example/Upper",
        "solo --to https://registry.example --parallel=0",
        "solo --to https://registry.example --rate=fast",
        "solo --to https://registry.example --from https://registry.example",
        "solo --to https://registry.example --replace",
        "solo --from https://registry.example --cacert=a --ssl-bundle=b",
        "solo --from https://me:secret@registry.example",
        "--from https://registry.example",
        "--to https://registry.example"
      })
  void aCommandLineWithoutSenseIsRefused(String line) {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);

    int status = Transfers.run(new CopyCommand(Transfers.REGISTRY), List.of(line.split(" ")), out);

    assertThat(status).isEqualTo(2);
    assertThat(said.toString(StandardCharsets.UTF_8))
        .contains("Usage: java -jar registry.jar copy")
        .doesNotContain("secret");
  }
}
