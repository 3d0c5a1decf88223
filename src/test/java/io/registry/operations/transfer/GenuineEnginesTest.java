package io.registry.operations.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.registry.content.manifest.Digest;
import io.registry.operations.transfer.Transfers.Answer;
import io.registry.testkit.OriginalStore;
import io.registry.testkit.RegistryServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Genuine programs load what is exported, and what they save is imported. A program that is not
 * installed is left out.
 */
@Tag("external")
@TestInstance(Lifecycle.PER_CLASS)
@Tag("slow")
class GenuineEnginesTest {
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final String IMAGE = "fixtures/from-1-12-6:v1";

  @TempDir static Path directory;
  private OriginalStore store;
  private Path dockerArchive;
  private Path ociArchive;
  private Map<String, String> configs;

  @BeforeAll
  void export() throws IOException {
    store = OriginalStore.unpack(directory.resolve("store"));
    dockerArchive = directory.resolve("docker.tar");
    ociArchive = directory.resolve("oci.tar");
    assertThat(
            Transfers.export(store.root(), "--all", "--to", "docker-archive:" + dockerArchive)
                .status())
        .isZero();
    assertThat(Transfers.export(store.root(), IMAGE, "--to", "oci-archive:" + ociArchive).status())
        .isZero();
    configs = configs();
  }

  // The configuration of each image, by its name.
  private Map<String, String> configs() throws IOException {
    Map<String, String> found = new TreeMap<>();
    for (JsonNode image :
        Transfers.parse(
            Objects.requireNonNull(
                Transfers.entries(Files.newInputStream(dockerArchive)).get("manifest.json")))) {
      String config = Transfers.text(image, "Config").replace(".json", "");
      image.path("RepoTags").forEach(tag -> found.put(tag.asString(""), config));
    }
    return found;
  }

  private static void require(String program) {
    boolean found =
        Stream.concat(
                Arrays.stream(System.getenv("PATH").split(":")), Stream.of("/usr/sbin", "/sbin"))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    assumeTrue(found, program + " is not installed");
  }

  private static void requireRoot() {
    assumeTrue("root".equals(System.getProperty("user.name")), "the program needs root");
  }

  private static String run(String... command) throws Exception {
    Path output = Files.createTempFile(directory, "program", ".log");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    boolean ended = process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    if (!ended) {
      process.destroyForcibly();
    }
    String said = Files.readString(output);
    assertThat(ended && process.exitValue() == 0).as(List.of(command) + ": " + said).isTrue();
    return said;
  }

  private Answer load(Path target, Object from, String... more) {
    return Transfers.run(
        new ImportCommand(Transfers.REGISTRY),
        target,
        Stream.concat(Stream.of(from.toString()), Arrays.stream(more)).toArray(String[]::new));
  }

  private static String config(Path target, String repository, String tag) {
    try (RegistryServer server = RegistryServer.start(target)) {
      return Transfers.text(
          Transfers.parse(server.client().get("/v2/" + repository + "/manifests/" + tag).bytes())
              .path("config"),
          "digest");
    }
  }

  @Test
  void podmanLoadsEveryImageUnderItsName() throws Exception {
    require("podman");
    requireRoot();
    String[] podman = {
      "podman",
      "--storage-driver=vfs",
      "--root=" + Files.createTempDirectory(directory, "podman"),
      "--runroot=" + Files.createTempDirectory(directory, "podman-run")
    };
    for (Path archive : List.of(dockerArchive, ociArchive)) {
      String unused = run(join(podman, "load", "--input", archive.toString()));
    }

    for (Map.Entry<String, String> image : configs.entrySet()) {
      assertThat(
              run(join(podman, "image", "inspect", "--format", "{{.Id}}", image.getKey()))
                  .lines()
                  .reduce((first, last) -> last)
                  .orElseThrow())
          .as(image.getKey())
          .isEqualTo(image.getValue());
    }
    Path saved = directory.resolve("podman-saved.tar");
    String unused = run(join(podman, "save", "--output", saved.toString(), "docker.io/" + IMAGE));
    Path target = directory.resolve("of-podman");
    Answer answer = load(target, saved);
    assertThat(answer.status()).as(answer.said()).isZero();
    assertThat(config(target, "fixtures/from-1-12-6", "v1"))
        .isEqualTo("sha256:" + configs.get(IMAGE));
  }

  @Test
  void dockerLoadsEveryImageUnderItsName() throws Exception {
    require("dockerd");
    require("docker");
    requireRoot();
    Path home = Files.createTempDirectory(directory, "dockerd");
    Path socket = Path.of("/tmp", "dockerd-load-" + ProcessHandle.current().pid() + ".sock");
    Process dockerd =
        begin(
            home,
            "dockerd",
            "--host=unix://" + socket,
            "--data-root=" + home.resolve("data"),
            "--exec-root=" + home.resolve("exec"),
            "--pidfile=" + home.resolve("pid"),
            "--iptables=false",
            "--ip6tables=false",
            "--bridge=none",
            "--storage-driver=vfs");
    try {
      String[] docker = {"docker", "--host", "unix://" + socket};
      awaitStart(dockerd, home, join(docker, "version"));
      String unused = run(join(docker, "load", "--input", dockerArchive.toString()));
      for (Map.Entry<String, String> image : configs.entrySet()) {
        assertThat(
                run(join(docker, "image", "inspect", "--format", "{{.Id}}", image.getKey()))
                    .strip())
            .as(image.getKey())
            .isEqualTo("sha256:" + image.getValue());
      }
      requireLayersFromNotes(home.resolve("data"));
      Path saved = directory.resolve("docker-saved.tar");
      unused = run(join(docker, "save", "--output", saved.toString(), IMAGE));
      Path target = directory.resolve("of-docker");
      Answer answer = load(target, saved);
      assertThat(answer.status()).as(answer.said()).isZero();
      assertThat(config(target, "fixtures/from-1-12-6", "v1"))
          .isEqualTo("sha256:" + configs.get(IMAGE));
    } finally {
      dockerd.destroy();
      if (!dockerd.waitFor(30, TimeUnit.SECONDS)) {
        Process unused = dockerd.destroyForcibly();
      }
    }
  }

  /**
   * Today's Docker notes about layers what Docker 1.8 and 1.9 noted, and unpacks them to the same
   * places: their folder is made of its own.
   */
  private void requireLayersFromNotes(Path data) throws IOException {
    Path old = Files.createTempDirectory(directory, "graph");
    Path layers = data.resolve("image/vfs/layerdb/sha256");
    List<String> chain = chain();
    List<String> diffIds = new ArrayList<>();
    Transfers.parse(
            Objects.requireNonNull(
                Transfers.entries(Files.newInputStream(dockerArchive))
                    .get(configs.get(IMAGE) + ".json")))
        .path("rootfs")
        .path("diff_ids")
        .forEach(diff -> diffIds.add(diff.asString("")));
    Optional<Path> parent = Optional.empty();
    for (String id : chain) {
      Optional<Path> below = parent;
      String diff = diffIds.get(chain.indexOf(id));
      Path layer;
      try (Stream<Path> all = Files.list(layers)) {
        layer =
            all.filter(each -> text(each.resolve("diff")).equals(diff))
                .filter(
                    each ->
                        text(each.resolve("parent"))
                            .equals(below.map(p -> "sha256:" + p.getFileName()).orElse("")))
                .findFirst()
                .orElseThrow();
      }
      Path graph = Files.createDirectories(old.resolve("graph").resolve(id));
      Files.copy(layer.resolve("tar-split.json.gz"), graph.resolve("tar-data.json.gz"));
      Files.write(graph.resolve("json"), store.bytes("images/" + id + "/json"));
      Path files = Files.createDirectories(old.resolve("vfs/dir")).resolve(id);
      Files.createSymbolicLink(
          files, data.resolve("vfs/dir").resolve(text(layer.resolve("cache-id"))));
      parent = Optional.of(layer);
    }
    Files.writeString(
        old.resolve("repositories-vfs"),
        "{\"Repositories\":{\"fixtures/from-1-12-6\":{\"v1\":\"%s\"}}}"
            .formatted(chain.get(chain.size() - 1)));
    Path target = directory.resolve("of-graph");
    Answer answer = load(target, old);
    assertThat(answer.status()).as(answer.said()).isZero();
    // It has the digests of the layers.
    assertThat(config(target, "fixtures/from-1-12-6", "v1"))
        .isEqualTo("sha256:" + configs.get(IMAGE));
  }

  // The base first.
  private List<String> chain() {
    String tag = store.text("repositories/fixtures/from-1-12-6/tag_v1").strip();
    List<String> chain = new ArrayList<>();
    Transfers.parse(store.bytes("images/" + tag + "/ancestry"))
        .forEach(id -> chain.add(0, id.asString("")));
    return chain;
  }

  private static String text(Path file) {
    try {
      return Files.exists(file) ? Files.readString(file).strip() : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void skopeoReadsBothArchivesAndWhatItWritesIsImported() throws Exception {
    require("skopeo");
    Path old = directory.resolve("skopeo.tar");
    Path copy = directory.resolve("skopeo-dir");
    String unused =
        run(
            "skopeo",
            "copy",
            "docker-archive:" + dockerArchive + ":" + IMAGE,
            "docker-archive:" + old + ":my/app:2");
    unused = run("skopeo", "copy", "oci-archive:" + ociArchive + ":" + IMAGE, "dir:" + copy);

    JsonNode manifest = Transfers.parse(Files.readAllBytes(copy.resolve("manifest.json")));
    String config = Transfers.text(manifest.path("config"), "digest");
    assertThat(config).isEqualTo("sha256:" + configs.get(IMAGE));
    assertThat(Digest.of(Files.readAllBytes(copy.resolve(config.substring(7)))).toString())
        .isEqualTo(config);
    Path target = directory.resolve("of-skopeo");
    Answer answer = load(target, old);
    assertThat(answer.status()).as(answer.said()).isZero();
    assertThat(config(target, "my/app", "2")).isEqualTo(config);
  }

  private static Process begin(Path home, String... command) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(home.resolve("said").toFile());
    builder.environment().merge("PATH", "/usr/sbin:/sbin", (path, more) -> path + ":" + more);
    return builder.start();
  }

  // In a container without rights of its own, an engine ends at its start.
  private static void awaitStart(Process engine, Path home, String... question) throws IOException {
    Awaitility.await().atMost(PATIENCE).until(() -> !engine.isAlive() || answers(question));
    String said = Files.readString(home.resolve("said"));
    assumeTrue(
        engine.isAlive(),
        () -> "the engine does not start: " + said.substring(Math.max(0, said.length() - 500)));
  }

  private static boolean answers(String... question) throws IOException, InterruptedException {
    return new ProcessBuilder(question)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor()
        == 0;
  }

  private static String[] join(String[] some, String... others) {
    return Stream.concat(Arrays.stream(some), Arrays.stream(others)).toArray(String[]::new);
  }
}
