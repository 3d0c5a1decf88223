package io.registry.operations.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.content.manifest.Digest;
import io.registry.operations.transfer.Transfers.Answer;
import io.registry.testkit.OriginalStore;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestImage;
import io.registry.testkit.TestLayer;
import io.registry.web.v2.V2Pusher;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Exports of a store that the original wrote. */
@Tag("slow")
class ExportHttpTest {
  @TempDir Path directory;
  private OriginalStore store;

  @BeforeEach
  void unpack() {
    store = OriginalStore.unpack(directory.resolve("store"));
  }

  private Map<String, String> served() {
    try (RegistryServer server = RegistryServer.start(store.root())) {
      return Transfers.served(server.client());
    }
  }

  @Test
  void aLayoutHasEachManifestAndBlobThatV2Serves() throws Exception {
    Path layout = directory.resolve("layout");

    Answer answer =
        Transfers.export(store.root(), "--all", "--keep-manifests", "--to", "oci:" + layout);

    assertThat(answer.status()).as(answer.said()).isZero();
    Map<String, byte[]> files = Transfers.files(layout);
    Map<String, String> listed = Transfers.listed(Objects.requireNonNull(files.get("index.json")));
    assertThat(listed).hasSizeGreaterThan(8).isEqualTo(served());
    listed.values().forEach(digest -> Transfers.requireWhole(files, digest));
    assertThat(files.keySet())
        .allMatch(name -> name.matches("blobs/sha256/.*|oci-layout|index.json"));
    assertThat(answer.count("done") + answer.count("present")).isEqualTo(listed.size());
  }

  @Test
  void aLayoutForSkopeoHasOciManifestsOfTheSameConfigurationsAndLayers() throws Exception {
    Path kept = directory.resolve("kept");
    Path layout = directory.resolve("layout");
    Transfers.export(store.root(), "--all", "--keep-manifests", "--to", "oci:" + kept);

    Answer answer = Transfers.export(store.root(), "--all", "--to", "oci:" + layout);

    assertThat(answer.status()).as(answer.said()).isZero();
    Map<String, byte[]> files = Transfers.files(layout);
    Map<String, byte[]> others = Transfers.files(kept);
    Map<String, String> listed = Transfers.listed(Objects.requireNonNull(files.get("index.json")));
    Map<String, String> before = Transfers.listed(Objects.requireNonNull(others.get("index.json")));
    assertThat(listed.keySet()).isEqualTo(before.keySet());
    for (String name : listed.keySet()) {
      JsonNode manifest = Transfers.parse(Transfers.blob(files, listed.get(name)));
      JsonNode old =
          Transfers.parse(Transfers.blob(others, Objects.requireNonNull(before.get(name))));
      Transfers.requireWhole(files, listed.get(name));
      assertThat(Transfers.blobsOf(manifest)).isEqualTo(Transfers.blobsOf(old));
      assertThat(manifest.toString()).doesNotContain("vnd.docker").contains("io.registry.v1.id");
    }
  }

  @Test
  void aSecondExportWritesNothingAndTheNextOneOnlyWhatIsMissing() throws Exception {
    Path layout = directory.resolve("layout");
    Transfers.export(store.root(), "fixtures/from-1-0-0", "--to", "oci:" + layout);

    Answer again = Transfers.export(store.root(), "fixtures/from-1-0-0", "--to", "oci:" + layout);
    Answer more = Transfers.export(store.root(), "fixtures/*", "--to", "oci:" + layout);

    assertThat(again.results()).containsExactly(Map.entry("fixtures/from-1-0-0:v1", "present"));
    assertThat(again.count("bytes")).isZero();
    assertThat(more.results())
        .containsEntry("fixtures/from-1-0-0:v1", "present")
        .containsEntry("fixtures/from-1-5-0:v1", "done");
    assertThat(Transfers.listed(Files.readAllBytes(layout.resolve("index.json"))))
        .containsKeys("fixtures/from-1-0-0:v1", "fixtures/legacy:1.0-rc.1");
  }

  @Test
  void aBlobThatIsCutShortIsWrittenAgain() throws Exception {
    Path layout = directory.resolve("layout");
    Transfers.export(store.root(), "solo", "--to", "oci:" + layout);
    String digest =
        Objects.requireNonNull(
            Transfers.listed(Files.readAllBytes(layout.resolve("index.json"))).get("solo:latest"));
    Files.writeString(layout.resolve("blobs").resolve(digest.replace(':', '/')), "{");
    Files.delete(layout.resolve("index.json"));

    Answer again = Transfers.export(store.root(), "solo", "--to", "oci:" + layout);

    assertThat(again.results()).containsExactly(Map.entry("library/solo:latest", "done"));
    Transfers.requireWhole(Transfers.files(layout), digest);
  }

  @Test
  void aDamagedLayerLeavesItsImagesOutAndKeepsTheOthers() throws Exception {
    // Prepared before, so that the damage is found while the layer is copied.
    Transfers.export(store.root(), "--all", "--to", "oci:" + directory.resolve("before"));
    Path layer;
    try (var files = Files.walk(store.root().resolve("images"))) {
      String top = store.text("repositories/library/solo/tag_latest").strip();
      layer = files.filter(file -> file.endsWith(top + "/layer")).findFirst().orElseThrow();
    }
    byte[] bytes = Files.readAllBytes(layer);
    bytes[bytes.length / 2] ^= 1;
    var time = Files.getLastModifiedTime(layer);
    try (var channel = Files.newByteChannel(layer, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(bytes));
    }
    Files.setLastModifiedTime(layer, time);

    for (String target : List.of("oci-archive:", "docker-archive:", "oci:")) {
      Path to = directory.resolve("to-" + target.substring(0, target.length() - 1));
      Answer answer =
          Transfers.export(store.root(), "solo", "fixtures/from-1-5-0", "--to", target + to);

      assertThat(answer.status()).as(answer.said()).isEqualTo(1);
      assertThat(answer.results())
          .containsEntry("library/solo:latest", "failed")
          .containsEntry("fixtures/from-1-5-0:v1", "done");
      assertThat(answer.textOf("library/solo:latest")).contains("another digest");
      Map<String, byte[]> files =
          target.equals("oci:") ? Transfers.files(to) : Transfers.entries(Files.newInputStream(to));
      if (target.startsWith("oci")) {
        assertThat(Transfers.listed(Objects.requireNonNull(files.get("index.json"))))
            .containsOnlyKeys("fixtures/from-1-5-0:v1");
      } else {
        assertThat(new String(files.get("manifest.json"), StandardCharsets.UTF_8))
            .contains("fixtures/from-1-5-0:v1")
            .doesNotContain("solo");
      }
      assertThat(files.values()).noneMatch(each -> Arrays.equals(each, bytes));
    }
  }

  @Test
  void anOciArchiveIsTheLayoutInATar() throws Exception {
    Path layout = directory.resolve("layout");
    Transfers.export(store.root(), "--all", "--to", "oci:" + layout);

    Answer answer = Transfers.export(store.root(), "--all", "--to", "oci-archive:-");

    assertThat(answer.status()).isZero();
    Map<String, byte[]> inTar = Transfers.entries(new ByteArrayInputStream(answer.out()));
    Map<String, byte[]> files = Transfers.files(layout);
    assertThat(new TreeMap<>(inTar)).containsOnlyKeys(files.keySet());
    inTar.forEach((name, bytes) -> assertThat(bytes).as(name).isEqualTo(files.get(name)));
  }

  @Test
  void aDockerArchiveHasTheOldIdsAndBytesAndTheNewConfiguration() throws Exception {
    Path file = directory.resolve("all.tar");

    Answer answer = Transfers.export(store.root(), "--all", "--to=docker-archive:" + file);

    assertThat(answer.status()).as(answer.said()).isZero();
    assertThat(directory.resolve("all.tar.part")).doesNotExist();
    Map<String, byte[]> entries = Transfers.entries(Files.newInputStream(file));
    JsonNode repositories = Transfers.parse(Objects.requireNonNull(entries.get("repositories")));
    assertThat(Transfers.text(repositories.path("fixtures/from-1-5-0"), "v1"))
        .isEqualTo(store.text("repositories/fixtures/from-1-5-0/tag_v1").strip());
    int images = 0;
    for (String name : entries.keySet()) {
      if (name.endsWith("/json")) {
        assertThat(entries.get(name)).as(name).isEqualTo(store.bytes("images/" + name));
        images++;
      }
    }
    assertThat(images).isGreaterThan(10);
    for (JsonNode image : Transfers.parse(Objects.requireNonNull(entries.get("manifest.json")))) {
      byte[] config = Objects.requireNonNull(entries.get(Transfers.text(image, "Config")));
      assertThat(Transfers.text(image, "Config")).isEqualTo(Digest.of(config).hex() + ".json");
      assertThat(Transfers.parse(config).path("rootfs").path("diff_ids").size())
          .isEqualTo(image.path("Layers").size());
      image.path("Layers").forEach(layer -> assertThat(entries).containsKey(layer.asString("")));
    }
  }

  @Test
  void anImageThatV1CannotExpressIsExportedAsItIs() throws Exception {
    Path pushed = directory.resolve("pushed");
    byte[] layer = TestLayer.of("etc/", "etc/passwd");
    TestImage image = TestImage.of("base", "", layer);
    try (RegistryServer server = RegistryServer.start(pushed)) {
      image.push(server.client());
      server.client().put("/v1/repositories/app/tags/one", "\"" + image.id() + "\"");
      byte[] empty = "{}".getBytes(StandardCharsets.UTF_8);
      String blob = Digest.of(empty).toString();
      assertThat(server.client().post("/v2/app/blobs/uploads/?digest=" + blob, "{}").status())
          .isEqualTo(201);
      String artifact =
          """
          {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",\
          "artifactType":"text/x","config":{"mediaType":"application/vnd.oci.empty.v1+json",\
          "digest":"%s","size":2},"layers":[],"subject":{"mediaType":"%s","digest":"%s","size":%d}}"""
              .formatted(
                  blob,
                  server.client().get("/v2/app/manifests/one").header("Content-Type"),
                  server.client().get("/v2/app/manifests/one").header("Docker-Content-Digest"),
                  server.client().get("/v2/app/manifests/one").bytes().length);
      assertThat(
              server
                  .client()
                  .put(
                      "/v2/app/manifests/art",
                      artifact,
                      "Content-Type",
                      "application/vnd.oci.image.manifest.v1+json")
                  .status())
          .isEqualTo(201);
    }
    Path layout = directory.resolve("layout");

    Answer all = Transfers.export(pushed, "app:one", "--to", "oci:" + layout);
    Answer docker = Transfers.export(pushed, "app", "--to", "docker-archive:-");

    assertThat(all.status()).as(all.said()).isZero();
    // What refers to the image goes with it, without a name.
    assertThat(Transfers.listed(Files.readAllBytes(layout.resolve("index.json"))))
        .containsKeys("app:one", "");
    assertThat(docker.status()).isEqualTo(1);
    assertThat(docker.results())
        .containsEntry("library/app:art", "refused")
        .containsEntry("library/app:one", "done");
  }

  @Test
  void indexesThatAreNestedWithoutEndAreRefused() {
    Path pushed = directory.resolve("nested");
    try (RegistryServer server = RegistryServer.start(pushed)) {
      V2Pusher pusher = new V2Pusher(server.client(), "app");
      byte[] inner = V2Pusher.render(V2Pusher.index(List.of()));
      for (int depth = 0; depth <= Sizes.MAX_NESTED + 1; depth++) {
        assertThat(pusher.put("latest", inner, V2Pusher.OCI_INDEX).status()).isEqualTo(201);
        inner =
            V2Pusher.render(
                V2Pusher.index(List.of(V2Pusher.descriptor(V2Pusher.OCI_INDEX, inner))));
      }
    }

    Answer answer = Transfers.export(pushed, "--all", "--to", "oci:" + directory.resolve("layout"));

    assertThat(answer.status()).as(answer.said()).isEqualTo(1);
    assertThat(answer.results()).containsEntry("library/app:latest", "refused");
  }

  @Test
  void aDryRunWritesNothingAnywhere() throws Exception {
    Map<String, String> before = store.hashes();
    Path layout = directory.resolve("layout");

    Answer dry = Transfers.export(store.root(), "--all", "--dry-run", "--to", "oci:" + layout);

    assertThat(dry.status()).isZero();
    assertThat(dry.results().values()).contains("would");
    assertThat(layout).doesNotExist();
    assertThat(store.hashes()).isEqualTo(before);
    Answer real = Transfers.export(store.root(), "--all", "--to", "oci:" + layout);
    assertThat(real.count("bytes")).isPositive().isEqualTo(dry.count("bytes"));
  }

  @Test
  void whatIsNotThereIsAFinding() {
    Answer answer =
        Transfers.export(
            store.root(),
            "nothing/here",
            "solo:nope",
            "x/*",
            "solo:late*",
            "--to",
            "oci-archive:-");

    assertThat(answer.status()).isEqualTo(1);
    assertThat(answer.results())
        .isEqualTo(
            new TreeMap<>(
                Map.of(
                    "nothing/here", "missing",
                    "solo:nope", "missing",
                    "x/*", "missing",
                    "library/solo:latest", "done")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--to oci:/tmp/x",
        "solo",
        "solo --to dir:/tmp/x",
        "solo --to oci:",
        "solo --to oci:-",
        "solo --all --to oci:/tmp/x",
        "solo --to oci-archive:- --report=-",
        "solo --to oci:/tmp/x --quick",
        "solo --to oci:/tmp/x --dry-run=yes",
        "solo --to"
      })
  void aCommandLineWithoutSenseIsRefused(String line) {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    PrintStream said = new PrintStream(err, true, StandardCharsets.UTF_8);

    int status =
        Transfers.run(new ExportCommand(Transfers.REGISTRY), List.of(line.split(" ")), said);

    assertThat(status).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .contains("Usage: java -jar registry.jar export");
  }

  @Test
  void aFolderWithSomethingElseInItIsLeftAlone() throws IOException {
    Path folder = Files.createDirectories(directory.resolve("home"));
    Files.writeString(folder.resolve("letter"), "dear");

    int status =
        Transfers.run(
            new ExportCommand(Transfers.REGISTRY),
            List.of(
                "solo", "--to", "oci:" + folder, "--registry.storage.local.path=" + store.root()),
            new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8));

    assertThat(status).isEqualTo(3);
    assertThat(Transfers.files(folder)).containsOnlyKeys("letter");
  }
}
