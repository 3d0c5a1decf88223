package io.registry.operations.transfer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

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
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Imports into an empty registry, and into one that has images. */
@Tag("slow")
class ImportHttpTest {
  @TempDir Path directory;
  private Path target;

  @BeforeEach
  void name() {
    target = directory.resolve("target");
  }

  private Answer load(Object... arguments) {
    return load(InputStream.nullInputStream(), arguments);
  }

  private Answer load(InputStream in, Object... arguments) {
    return Transfers.run(
        new ImportCommand(Transfers.REGISTRY),
        in,
        target,
        Arrays.stream(arguments).map(Object::toString).toArray(String[]::new));
  }

  private static Map<String, String> served(Path store) {
    try (RegistryServer server = RegistryServer.start(store)) {
      return Transfers.served(server.client());
    }
  }

  /** The images that the tags of a store name, by the paths of their files. */
  private static Map<String, String> tags(Path store) {
    return Transfers.files(store).entrySet().stream()
        .filter(file -> file.getKey().matches("repositories/.*/tag_[^/]*(?<!_json)"))
        .collect(
            Collectors.toMap(
                Map.Entry::getKey,
                file -> new String(file.getValue(), StandardCharsets.UTF_8).strip(),
                (one, other) -> one,
                TreeMap::new));
  }

  private OriginalStore original() {
    return OriginalStore.unpack(directory.resolve("store"));
  }

  @Test
  void theDockerArchiveOfAV1StoreBringsBackItsIdsAndManifests() throws Exception {
    OriginalStore store = original();
    Path archive = directory.resolve("all.tar");
    Transfers.export(store.root(), "--all", "--to", "docker-archive:" + archive);

    Answer answer = load(archive);

    assertThat(answer.status()).as(answer.said()).isZero();
    assertThat(answer.results().values()).containsOnly("done");
    // The metadata of a tag of the original has the name of another tag.
    Map<String, String> tags = tags(store.root());
    tags.values().removeIf(image -> image.startsWith("{"));
    assertThat(tags(target)).isEqualTo(tags).hasSizeGreaterThan(8);
    assertThat(served(target)).isEqualTo(served(store.root()));
    int same = 0;
    for (Map.Entry<String, byte[]> file : Transfers.files(target.resolve("images")).entrySet()) {
      if (file.getKey().endsWith("/json")) {
        assertThat(file.getValue()).isEqualTo(store.bytes("images/" + file.getKey()));
      }
      if (file.getKey().endsWith("/layer")
          && Arrays.equals(file.getValue(), store.bytes("images/" + file.getKey()))) {
        same++;
      }
    }
    // The others are stored as V2 serves them: unpacked where some clients cannot unpack them.
    assertThat(same).isGreaterThan(10);
    Answer again = load(archive);
    assertThat(again.results().values()).containsOnly("present");
  }

  @Test
  void whatDockerBefore1Dot10HasSavedIsTakenByItsFolders() throws Exception {
    OriginalStore store = original();
    Answer all = Transfers.export(store.root(), "fixtures/from-1-0-0", "--to", "docker-archive:-");
    TarBytes old = new TarBytes();
    Transfers.entries(new ByteArrayInputStream(all.out()))
        .forEach(
            (name, bytes) -> {
              if (!name.endsWith(".json")) {
                old.file(name, bytes);
              }
            });

    Answer answer = load(new ByteArrayInputStream(gzip(old.bytes())), "-");
    Answer other = load(new ByteArrayInputStream(old.bytes()), "-", "--as", "my/copy:two");

    assertThat(answer.status()).as(answer.said()).isZero();
    assertThat(answer.results()).containsExactly(Map.entry("fixtures/from-1-0-0:v1", "done"));
    assertThat(other.results()).containsExactly(Map.entry("my/copy:two", "done"));
    String id = store.text("repositories/fixtures/from-1-0-0/tag_v1").strip();
    assertThat(tags(target).values()).containsExactly(id, id);
    assertThat(served(target))
        .containsEntry("my/copy:two", served(store.root()).get("fixtures/from-1-0-0:v1"));
  }

  /** An image of one layer, as later versions of Docker save it. */
  private static final class Saved {
    private final byte[] layer = TestLayer.empty().file("etc/passwd", 100_000).bytes();
    private final byte[] config =
        """
        {"architecture":"amd64","os":"linux","config":{},"created":"2020-01-01T00:00:00Z",\
        "history":[{"created":"2020-01-01T00:00:00Z"},{"created":"2020-01-01T00:00:00Z"}],\
        "rootfs":{"type":"layers","diff_ids":["%s","%s"]}}"""
            .formatted(Digest.of(layer), Digest.of(layer))
            .getBytes(StandardCharsets.UTF_8);

    private String config() {
      return Digest.of(config).hex() + ".json";
    }

    private String manifest(String one, String two) {
      return "[{\"Config\":\"%s\",\"RepoTags\":[\"app:1\"],\"Layers\":[\"%s\",\"%s\"]}]"
          .formatted(config(), one, two);
    }

    private static String id(char digit) {
      return String.valueOf(digit).repeat(64);
    }

    // The second layer is a link to the first one, and the folders have made-up ids.
    private TarBytes since110() {
      String one = id('1');
      String two = id('2');
      return new TarBytes()
          .file(config(), config)
          .file(one + "/VERSION", "1.0")
          .file(one + "/json", "{\"id\":\"" + one + "\"}")
          .file(one + "/layer.tar", layer)
          .file(two + "/VERSION", "1.0")
          .file(two + "/json", "{\"id\":\"" + two + "\",\"parent\":\"" + one + "\"}")
          .link(two + "/layer.tar", "../" + one + "/layer.tar")
          .file("manifest.json", manifest(one + "/layer.tar", two + "/layer.tar"))
          .file("repositories", "{\"app\":{\"1\":\"" + two + "\"}}");
    }
  }

  @Test
  void whatDocker110To24HasSavedKeepsTheIdOfItsConfiguration() throws Exception {
    Saved saved = new Saved();

    Answer answer = load(write(saved.since110()));

    assertThat(answer.status()).as(answer.said()).isZero();
    try (RegistryServer server = RegistryServer.start(target)) {
      JsonNode manifest = Transfers.parse(server.client().get("/v2/app/manifests/1").bytes());
      assertThat(Transfers.text(manifest.path("config"), "digest"))
          .isEqualTo(Digest.of(saved.config).toString());
      assertThat(server.client().get("/v1/repositories/app/tags/1").text())
          .isEqualTo("\"" + Digest.of(saved.config).hex() + "\"");
    }
    assertThat(load(write(saved.since110())).results()).containsValue("present");
  }

  @Test
  void aLayoutBringsTheSameManifestsAndWhatRefersToThem() throws Exception {
    Path store = directory.resolve("store");
    TestImage image = TestImage.of("base", "", TestLayer.of("etc/", "etc/passwd"));
    String subject;
    try (RegistryServer server = RegistryServer.start(store)) {
      image.push(server.client());
      server.client().put("/v1/repositories/app/tags/one", "\"" + image.id() + "\"");
      subject = server.client().get("/v2/app/manifests/one").header("Docker-Content-Digest");
      refer(server, subject);
    }
    for (String form : List.of("oci", "oci-archive")) {
      Path file = directory.resolve(form);
      Transfers.export(store, "app:one", "--to", form + ":" + file);
      target = directory.resolve("target-" + form);

      Answer answer = load(file, "--as", "other/name");

      assertThat(answer.status()).as(answer.said()).isZero();
      assertThat(load(file, "--as", "other/name").results().values())
          .allMatch(result -> result.startsWith("present"));
      try (RegistryServer server = RegistryServer.start(target)) {
        assertThat(
                server
                    .client()
                    .head("/v2/other/name/manifests/one")
                    .header("Docker-Content-Digest"))
            .isEqualTo(subject);
        assertThat(server.client().get("/v2/other/name/referrers/" + subject).text())
            .contains("text/x");
      }
    }
  }

  private static void refer(RegistryServer server, String subject) {
    String blob = Digest.of("{}".getBytes(StandardCharsets.UTF_8)).toString();
    String artifact =
        """
        {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",\
        "artifactType":"text/x","config":{"mediaType":"application/vnd.oci.empty.v1+json",\
        "digest":"%s","size":2},"layers":[],"subject":{"mediaType":"x","digest":"%s","size":1}}"""
            .formatted(blob, subject);
    assertThat(server.client().post("/v2/app/blobs/uploads/?digest=" + blob, "{}").status())
        .isEqualTo(201);
    String digest = Digest.of(artifact.getBytes(StandardCharsets.UTF_8)).toString();
    assertThat(
            server
                .client()
                .put(
                    "/v2/app/manifests/" + digest,
                    artifact,
                    "Content-Type",
                    "application/vnd.oci.image.manifest.v1+json")
                .status())
        .isEqualTo(201);
  }

  @Test
  void twoV1StoresAreMergedAndConflictsAreReported() throws Exception {
    OriginalStore store = original();
    try (RegistryServer server = RegistryServer.start(target)) {
      TestImage other = TestImage.of("other", "", TestLayer.of("bin/sh")).push(server.client());
      server.client().put("/v1/repositories/library/solo/tags/latest", "\"" + other.id() + "\"");
    }
    Map<String, String> before = tags(target);

    Answer first = load(store.root());
    Map<String, String> kept = tags(target);
    Answer second = load(store.root(), "--replace");

    assertThat(first.status()).isEqualTo(1);
    assertThat(first.results()).containsEntry("library/solo:latest", "conflict");
    assertThat(first.count("findings")).isEqualTo(1);
    assertThat(kept).containsAllEntriesOf(before);
    assertThat(second.status()).as(second.said()).isZero();
    assertThat(second.results()).containsEntry("library/solo:latest", "done");
    assertThat(served(target)).isEqualTo(served(store.root()));
    for (String id : store.images()) {
      String json = "images/" + id + "/json";
      if (Files.exists(target.resolve(json))) {
        assertThat(target.resolve(json)).hasBinaryContent(store.bytes(json));
        assertThat(target.resolve("images/" + id + "/layer"))
            .hasBinaryContent(store.bytes("images/" + id + "/layer"));
      }
    }
  }

  @Test
  void anIdThatIsAnotherImageHereIsAConflict() throws Exception {
    Path store = directory.resolve("store");
    TestImage image = TestImage.of("same", "", TestLayer.of("bin/sh"));
    for (Path each : List.of(store, target)) {
      try (RegistryServer server = RegistryServer.start(each)) {
        (each.equals(store) ? image : image.withLayer(TestLayer.of("bin/bash")))
            .push(server.client());
        server
            .client()
            .put("/v1/repositories/app/tags/" + each.getFileName(), "\"" + image.id() + "\"");
      }
    }
    Map<String, byte[]> before = Transfers.files(target.resolve("images"));

    Answer answer = load(store);

    assertThat(answer.status()).isEqualTo(1);
    assertThat(answer.results()).containsEntry("library/app:store", "conflict");
    assertThat(answer.textOf("library/app:store")).contains(image.id()).contains("another layer");
    assertThat(Transfers.files(target.resolve("images")).keySet()).isEqualTo(before.keySet());
    assertThat(tags(target)).hasSize(1);
  }

  @Test
  void theStorageOfADistributionRegistryIsTaken() throws Exception {
    OriginalStore store = original();
    Path layout = directory.resolve("layout");
    Transfers.export(
        store.root(), "solo", "fixtures/from-1-5-0", "--keep-manifests", "--to", "oci:" + layout);
    Path root = directory.resolve("distribution");
    Path v2 = root.resolve("docker/registry/v2");
    Map<String, byte[]> files = Transfers.files(layout);
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      if (file.getKey().startsWith("blobs/sha256/")) {
        String hex = file.getKey().substring("blobs/sha256/".length());
        put(
            v2.resolve("blobs/sha256/" + hex.substring(0, 2) + "/" + hex + "/data"),
            file.getValue());
      }
    }
    Map<String, String> listed = Transfers.listed(Objects.requireNonNull(files.get("index.json")));
    for (Map.Entry<String, String> image : listed.entrySet()) {
      String[] name = image.getKey().split(":", -1);
      put(
          v2.resolve("repositories/" + name[0] + "/_manifests/tags/" + name[1] + "/current/link"),
          image.getValue().getBytes(StandardCharsets.UTF_8));
    }
    put(
        v2.resolve("repositories/solo/_manifests/tags/lost/current/link"),
        ("sha256:" + "0".repeat(64)).getBytes(StandardCharsets.UTF_8));

    Answer answer = load(root);

    assertThat(answer.status()).isEqualTo(1);
    assertThat(answer.results()).containsEntry("library/solo:lost", "refused");
    assertThat(served(target)).isEqualTo(listed);
  }

  private Path layout(String type, byte[] manifest, byte[]... others) throws IOException {
    Path layout = directory.resolve("made");
    put(layout.resolve("oci-layout"), "{\"imageLayoutVersion\": \"1.0.0\"}".getBytes(UTF_8));
    Map<String, Object> descriptor = V2Pusher.descriptor(type, manifest);
    descriptor.put("annotations", Map.of("org.opencontainers.image.ref.name", "app:latest"));
    put(layout.resolve("index.json"), V2Pusher.render(V2Pusher.index(List.of(descriptor))));
    blob(layout, manifest);
    for (byte[] other : others) {
      blob(layout, other);
    }
    return layout;
  }

  private static void blob(Path layout, byte[] bytes) throws IOException {
    put(layout.resolve("blobs/sha256/" + Digest.of(bytes).hex()), bytes);
  }

  @Test
  void aLayerThatUnpacksToAThousandTimesItsSizeIsTakenWithoutAV1Image() throws Exception {
    ByteArrayOutputStream bomb = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bomb)) {
      gzip.write(TestLayer.empty().file("zeros", 80 * 1024 * 1024).bytes());
    }
    byte[] layer = bomb.toByteArray();
    byte[] config =
        "{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"%s\"]}}"
            .formatted(Digest.of(layer))
            .getBytes(UTF_8);
    byte[] manifest =
        V2Pusher.render(
            V2Pusher.image(
                V2Pusher.descriptor(V2Pusher.OCI_CONFIG, config),
                List.of(V2Pusher.descriptor(V2Pusher.OCI_LAYER_GZIP, layer))));

    Answer answer = load(layout(V2Pusher.OCI_MANIFEST, manifest, config, layer));

    assertThat(answer.status()).as(answer.said()).isZero();
    assertThat(answer.results()).containsEntry("library/app:latest", "done");
    assertThat(served(target)).containsEntry("app:latest", Digest.of(manifest).toString());
    assertThat(target.resolve("images")).doesNotExist();
  }

  @Test
  void indexesThatAreNestedWithoutEndAreRefused() throws Exception {
    byte[] inner = V2Pusher.render(V2Pusher.index(List.of()));
    Path layout = layout(V2Pusher.OCI_INDEX, inner);
    for (int depth = 0; depth < 5_000; depth++) {
      blob(layout, inner);
      inner =
          V2Pusher.render(V2Pusher.index(List.of(V2Pusher.descriptor(V2Pusher.OCI_INDEX, inner))));
    }

    Answer answer = load(layout(V2Pusher.OCI_INDEX, inner));

    assertThat(answer.status()).as(answer.said()).isEqualTo(1);
    assertThat(answer.results()).containsEntry("library/app:latest", "refused");
    assertThat(answer.textOf("library/app:latest"))
        .contains("Manifests are nested more than 64 deep");
  }

  private static void put(Path file, byte[] bytes) throws IOException {
    Files.createDirectories(file.getParent());
    Files.write(file, bytes);
  }

  @Test
  void aDryRunComparesEverythingAndWritesNothing() throws Exception {
    Path archive = write(new Saved().since110());

    Answer dry = load(archive, "--dry-run");

    assertThat(dry.status()).as(dry.said()).isZero();
    assertThat(dry.results()).containsValue("would");
    assertThat(Files.exists(target) ? Transfers.files(target) : Map.of()).isEmpty();
    assertThat(load(archive).count("bytes")).isPositive().isEqualTo(dry.count("bytes"));
  }

  @Test
  void anImmutableTagStays() throws Exception {
    Saved saved = new Saved();
    Path archive = write(saved.since110());
    load(archive);
    TarBytes other = new TarBytes();
    byte[] config =
        (new String(saved.config, StandardCharsets.UTF_8) + " ").getBytes(StandardCharsets.UTF_8);
    other
        .file("config.json", config)
        .file("l", saved.layer)
        .file("manifest.json", saved.manifest("l", "l").replace(saved.config(), "config.json"));
    Map<String, String> before = tags(target);

    Answer answer =
        load(write(other), "--replace", "--registry.tags.immutable[0].repositories=library/app");

    assertThat(answer.status()).as(answer.said()).isEqualTo(1);
    assertThat(answer.results()).containsValue("conflict");
    assertThat(tags(target)).isEqualTo(before);
  }

  private Path write(TarBytes tar) throws IOException {
    return Files.write(Files.createTempFile(directory, "archive", ".tar"), tar.bytes());
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(bytes);
    }
    return packed.toByteArray();
  }

  static Stream<Arguments> hostile() throws IOException {
    Saved saved = new Saved();
    byte[] whole = saved.since110().bytes();
    String other =
        saved
            .config()
            .replace(saved.config().charAt(0), saved.config().charAt(0) == '0' ? '1' : '0');
    TarBytes many = saved.since110();
    for (int i = 0; i < 100_000; i++) {
      many.file("x" + i, "");
    }
    return Stream.of(
        arguments("cut in a layer", Arrays.copyOf(whole, 50_000), "/layer.tar"),
        arguments("cut while packed", Arrays.copyOf(gzip(whole), gzip(whole).length / 2), ""),
        arguments("dots", saved.since110().file("a/../../etc/x", "x").bytes(), "a/../../etc/x"),
        arguments("absolute", saved.since110().file("/etc/cron.d/x", "x").bytes(), "/etc/cron.d/x"),
        arguments("link out", saved.since110().link("a/b", "../../etc/passwd").bytes(), "a/b"),
        arguments("absolute link", saved.since110().link("a/b", "/etc/passwd").bytes(), "a/b"),
        arguments("device", saved.since110().device("dev/sda").bytes(), "dev/sda"),
        arguments("twice", saved.since110().file("manifest.json", "[]").bytes(), "manifest.json"),
        arguments("many", many.bytes(), "x6"),
        arguments(
            "other configuration",
            new TarBytes()
                .file(other, saved.config)
                .file("l", saved.layer)
                .file("manifest.json", saved.manifest("l", "l").replace(saved.config(), other))
                .bytes(),
            other),
        arguments(
            "other layer",
            new TarBytes()
                .file(saved.config(), saved.config)
                .file("l", saved.layer)
                .file("m", TestLayer.of("bin/sh"))
                .file("manifest.json", saved.manifest("l", "m"))
                .bytes(),
            " m:"),
        arguments(
            "no layer",
            new TarBytes()
                .file(saved.config(), saved.config)
                .file("l", saved.layer)
                .file("manifest.json", saved.manifest("l", "n"))
                .bytes(),
            " n:"),
        arguments(
            "loop of links",
            new TarBytes()
                .file(saved.config(), saved.config)
                .link("l", "m")
                .link("m", "l")
                .file("manifest.json", saved.manifest("l", "m"))
                .bytes(),
            " l:"),
        arguments("no archive", "hello".repeat(1000).getBytes(StandardCharsets.UTF_8), ""),
        arguments("nothing", new byte[0], ""),
        arguments("another tar", new TarBytes().file("a", "b").bytes(), ""),
        arguments(
            "parents in a loop",
            new TarBytes()
                .file(
                    Saved.id('1') + "/json",
                    "{\"id\":\"%s\",\"parent\":\"%s\"}".formatted(Saved.id('1'), Saved.id('2')))
                .file(Saved.id('1') + "/layer.tar", saved.layer)
                .file(
                    Saved.id('2') + "/json",
                    "{\"id\":\"%s\",\"parent\":\"%s\"}".formatted(Saved.id('2'), Saved.id('1')))
                .file(Saved.id('2') + "/layer.tar", saved.layer)
                .file("repositories", "{\"app\":{\"1\":\"" + Saved.id('1') + "\"}}")
                .bytes(),
            "/json"),
        arguments(
            "damaged layer of an old image",
            new TarBytes()
                .file(Saved.id('1') + "/json", "{\"id\":\"%s\"}".formatted(Saved.id('1')))
                .file(Saved.id('1') + "/layer.tar", Arrays.copyOf(saved.layer, 5_000))
                .file("repositories", "{\"app\":{\"1\":\"" + Saved.id('1') + "\"}}")
                .bytes(),
            Saved.id('1')));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("hostile")
  void aHostileArchiveIsNamedAndLeavesNothing(String what, byte[] archive, String entry)
      throws Exception {
    Files.createDirectories(target);

    Answer answer = load(new ByteArrayInputStream(archive), "-");

    assertThat(answer.status()).as(answer.said()).isEqualTo(1);
    assertThat(answer.lines().get(0).path("text").asString("")).isNotEmpty().contains(entry);
    assertThat(answer.count("done")).isZero();
    assertThat(Transfers.files(target)).isEmpty();
  }
}
