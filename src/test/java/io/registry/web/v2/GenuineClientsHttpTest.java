package io.registry.web.v2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.registry.content.manifest.Digest;
import io.registry.platform.json.JsonCodec;
import io.registry.testkit.OriginalStore;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Genuine clients pull the images of a store that the original wrote, and get every byte; they push
 * them to other repositories, where V1 clients find them. A client that is not installed is left
 * out.
 */
@Tag("external")
@TestInstance(Lifecycle.PER_CLASS)
@Tag("slow")
class GenuineClientsHttpTest {
  private static final JsonCodec CODEC = new JsonCodec();
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final String REPOSITORY = "fixtures/from-1-12-6";

  /** Images that none of the clients reads as they were pushed. */
  private static final List<SchemaOneImages.Image> OLD = SchemaOneImages.all();

  @TempDir static Path directory;

  private RegistryServer server;
  private TestClient client;

  @BeforeAll
  void start() {
    OriginalStore store = OriginalStore.unpack(directory.resolve("store"));
    server = RegistryServer.start(store.root());
    client = server.client();
    OLD.forEach(image -> image.push(new V2Pusher(client, image.repository())));
  }

  @AfterAll
  void stop() {
    server.close();
  }

  private static void require(String program) {
    boolean found =
        Stream.concat(
                Arrays.stream(System.getenv("PATH").split(":")), Stream.of("/usr/sbin", "/sbin"))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    assumeTrue(found, program + " is not installed");
  }

  private static void requireRoot() {
    assumeTrue("root".equals(System.getProperty("user.name")), "the client needs root");
  }

  private static String run(String... command) throws Exception {
    Path output = Files.createTempFile(directory, "client", ".log");
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

  private String name(String repository) {
    return "localhost:" + server.port() + "/" + repository;
  }

  private JsonNode manifest(String repository, String reference) {
    return CODEC
        .parse(client.get("/v2/" + repository + "/manifests/" + reference, "Accept", "*/*").bytes())
        .orElseThrow();
  }

  private String digest(String repository, String tag) {
    return client
        .head("/v2/" + repository + "/manifests/" + tag, "Accept", "*/*")
        .header("Docker-Content-Digest");
  }

  private static List<String> blobs(JsonNode manifest) {
    List<String> digests = new ArrayList<>();
    digests.add(manifest.path("config").path("digest").asString(""));
    manifest.path("layers").forEach(layer -> digests.add(layer.path("digest").asString("")));
    return digests;
  }

  private List<String> tags(String repository) {
    List<String> tags = new ArrayList<>();
    CODEC
        .parse(client.get("/v2/" + repository + "/tags/list").bytes())
        .orElseThrow()
        .path("tags")
        .forEach(tag -> tags.add(tag.asString("")));
    return tags;
  }

  private List<String> repositories() {
    List<String> names = new ArrayList<>();
    CODEC
        .parse(client.get("/v2/_catalog").bytes())
        .orElseThrow()
        .path("repositories")
        .forEach(name -> names.add(name.asString("")));
    return names;
  }

  /** Checks every byte that a client has pushed, over V2 and over V1. */
  private void assertPushed(String repository, String tag) {
    JsonNode manifest = manifest(repository, tag);
    for (String blob : blobs(manifest)) {
      byte[] bytes = client.get("/v2/" + repository + "/blobs/" + blob).bytes();
      assertThat(Digest.of(bytes).toString()).isEqualTo(blob);
    }
    byte[] config = client.get("/v2/" + repository + "/blobs/" + blobs(manifest).get(0)).bytes();
    List<String> diffIds = new ArrayList<>();
    CODEC
        .parse(config)
        .orElseThrow()
        .at("/rootfs/diff_ids")
        .forEach(each -> diffIds.add(each.asString("")));
    List<String> ancestry = ancestry(repository, tag);
    assertThat(ancestry).hasSameSizeAs(diffIds);
    assertThat("sha256:" + ancestry.get(0)).isEqualTo(blobs(manifest).get(0));
    for (int i = 0; i < diffIds.size(); i++) {
      String id = ancestry.get(diffIds.size() - 1 - i);
      byte[] layer = client.get("/v1/images/" + id + "/layer").bytes();
      assertThat(Digest.of(unpacked(layer)).toString()).isEqualTo(diffIds.get(i));
    }
  }

  private List<String> ancestry(String repository, String tag) {
    TestClient.Answer id = client.get("/v1/repositories/" + repository + "/tags/" + tag);
    assertThat(id.status()).as(id.text()).isEqualTo(200);
    List<String> ids = new ArrayList<>();
    CODEC
        .parse(client.get("/v1/images/" + id.text().replace("\"", "") + "/ancestry").bytes())
        .orElseThrow()
        .forEach(each -> ids.add(each.asString("")));
    return ids;
  }

  private static byte[] unpacked(byte[] layer) {
    boolean isPacked = layer.length > 1 && layer[0] == 0x1f;
    try (InputStream in =
        isPacked
            ? new GZIPInputStream(new ByteArrayInputStream(layer))
            : new ByteArrayInputStream(layer)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void skopeoPushesInEachForm() throws Exception {
    require("skopeo");
    for (String form : List.of("v2s2", "oci")) {
      run(
          "skopeo",
          "copy",
          "--src-tls-verify=false",
          "--dest-tls-verify=false",
          "--format=" + form,
          "docker://" + name(REPOSITORY) + ":v1",
          "docker://" + name("pushed/skopeo-" + form) + ":v1");

      assertPushed("pushed/skopeo-" + form, "v1");
    }
  }

  @Test
  void skopeoPushesSchemaOneAndGetsBackTheSameLayers() throws Exception {
    require("skopeo");
    String pushed = "pushed/skopeo-v2s1";
    run(
        "skopeo",
        "copy",
        "--src-tls-verify=false",
        "--dest-tls-verify=false",
        "--format=v2s1",
        "docker://" + name(REPOSITORY) + ":v1",
        "docker://" + name(pushed) + ":v1");

    assertThat(client.get("/v2/" + pushed + "/manifests/v1").header("Content-Type"))
        .isEqualTo(SchemaOneImages.SIGNED);
    List<String> before = blobs(manifest(REPOSITORY, "v1"));
    List<String> after = blobs(manifest(pushed, "v1"));
    assertThat(after.subList(1, after.size())).isEqualTo(before.subList(1, before.size()));
    assertThat(ancestry(pushed, "v1")).isNotEmpty();
    Path copy = Files.createTempDirectory(directory, "skopeo");
    run(
        "skopeo",
        "copy",
        "--src-tls-verify=false",
        "docker://" + name(pushed) + "@" + digest(pushed, "v1"),
        "dir:" + copy);
  }

  @Test
  void skopeoAndOrasPullImagesOfSchemaOne() throws Exception {
    require("skopeo");
    for (SchemaOneImages.Image image : common()) {
      run("skopeo", "inspect", "--config", "--tls-verify=false", old(image));
      run(
          "skopeo",
          "copy",
          "--src-tls-verify=false",
          old(image),
          "dir:" + Files.createTempDirectory(directory, "skopeo"));
    }
    require("oras");
    run(
        "oras",
        "copy",
        "--from-plain-http",
        old(OLD.get(1)).substring("docker://".length()),
        "--to-oci-layout",
        Files.createTempDirectory(directory, "oras") + ":v");
  }

  /** Those whose configuration more clients than Docker read: Cmd is no text in it. */
  private static List<SchemaOneImages.Image> common() {
    return OLD.stream().filter(image -> !image.name().equals("config-strings")).toList();
  }

  private String old(SchemaOneImages.Image image) {
    return "docker://" + name(image.repository()) + ":v";
  }

  @Test
  void orasAttachesAnArtifactAndCosignSignsAnImage() throws Exception {
    require("oras");
    String image = name("pushed/oras");
    run(
        "oras",
        "copy",
        "--from-plain-http",
        "--to-plain-http",
        name(REPOSITORY) + ":v1",
        image + ":v1");
    assertPushed("pushed/oras", "v1");
    Path file = Files.writeString(directory.resolve("note.txt"), "a note");

    run(
        "oras",
        "attach",
        "--plain-http",
        "--disable-path-validation",
        "--artifact-type=application/x.note",
        image + ":v1",
        file + ":text/plain");

    assertThat(run("oras", "discover", "--plain-http", image + ":v1"))
        .contains("application/x.note");
    require("cosign");
    Path keys = Files.createTempDirectory(directory, "keys");
    ProcessBuilder cosign =
        new ProcessBuilder("cosign", "generate-key-pair").directory(keys.toFile());
    cosign.environment().put("COSIGN_PASSWORD", "");
    assertThat(cosign.inheritIO().start().waitFor()).isZero();
    String signed = image + "@" + digest("pushed/oras", "v1");
    run(
        "env",
        "COSIGN_PASSWORD=",
        "cosign",
        "sign",
        "--yes",
        "--tlog-upload=false",
        "--allow-insecure-registry",
        "--key=" + keys.resolve("cosign.key"),
        signed);

    assertThat(
            run(
                "cosign",
                "verify",
                "--insecure-ignore-tlog",
                "--allow-insecure-registry",
                "--key=" + keys.resolve("cosign.pub"),
                signed))
        .contains(digest("pushed/oras", "v1"));
  }

  @Test
  void skopeoCopiesEveryImageByTagAndByDigest() throws Exception {
    require("skopeo");
    assertThat(repositories()).contains("solo", REPOSITORY, "fixtures/short");
    for (String repository : repositories()) {
      if (repository.startsWith("s1/")) {
        continue;
      }
      for (String tag : tags(repository)) {
        for (String reference : List.of(":" + tag, "@" + digest(repository, tag))) {
          Path copy = Files.createTempDirectory(directory, "skopeo");
          run(
              "skopeo",
              "copy",
              "--src-tls-verify=false",
              "docker://" + name(repository) + reference,
              "dir:" + copy);
          for (String blob : blobs(manifest(repository, tag))) {
            byte[] copied = Files.readAllBytes(copy.resolve(blob.substring("sha256:".length())));
            assertThat(Digest.of(copied).toString()).isEqualTo(blob);
          }
        }
      }
    }
  }

  @Test
  void skopeoSynchronisesAWholeRepository() throws Exception {
    require("skopeo");
    Path copy = Files.createTempDirectory(directory, "sync");

    run(
        "skopeo",
        "sync",
        "--src-tls-verify=false",
        "--scoped",
        "--src",
        "docker",
        "--dest",
        "dir",
        name("fixtures/legacy"),
        copy.toString());

    try (Stream<Path> files = Files.walk(copy)) {
      assertThat(files.filter(file -> file.endsWith("manifest.json")))
          .hasSameSizeAs(tags("fixtures/legacy"));
    }
  }

  @Test
  void orasCopiesAnImage() throws Exception {
    require("oras");
    Path layout = Files.createTempDirectory(directory, "oras");

    run(
        "oras",
        "copy",
        "--from-plain-http",
        name(REPOSITORY) + ":v1",
        "--to-oci-layout",
        layout + ":v1");

    for (String blob : blobs(manifest(REPOSITORY, "v1"))) {
      byte[] copied = Files.readAllBytes(layout.resolve("blobs/sha256").resolve(blob.substring(7)));
      assertThat(Digest.of(copied).toString()).isEqualTo(blob);
    }
  }

  @Test
  void podmanPullsAnImageWithTheIdOfItsConfiguration() throws Exception {
    require("podman");
    requireRoot();
    String[] podman = {
      "podman",
      "--storage-driver=vfs",
      "--root=" + Files.createTempDirectory(directory, "podman"),
      "--runroot=" + Files.createTempDirectory(directory, "podman-run")
    };
    for (String reference : List.of(":v1", "@" + digest(REPOSITORY, "v1"))) {
      String said =
          run(join(podman, "pull", "--quiet", "--tls-verify=false", name(REPOSITORY) + reference));

      assertThat("sha256:" + said.lines().reduce((first, last) -> last).orElseThrow())
          .isEqualTo(blobs(manifest(REPOSITORY, "v1")).get(0));
    }
    for (SchemaOneImages.Image image : common()) {
      String said =
          run(
              join(
                  podman,
                  "pull",
                  "--quiet",
                  "--tls-verify=false",
                  name(image.repository()) + ":v"));
      assertThat("sha256:" + said.lines().reduce((first, last) -> last).orElseThrow())
          .isEqualTo(blobs(manifest(image.repository(), "v")).get(0));
    }
    run(
        join(
            podman,
            "push",
            "--tls-verify=false",
            name(REPOSITORY) + ":v1",
            name("pushed/podman") + ":v1"));
    assertPushed("pushed/podman", "v1");
    run(
        join(
            podman,
            "push",
            "--tls-verify=false",
            "--compression-format=zstd",
            "--force-compression",
            name(REPOSITORY) + ":v1",
            name("pushed/podman-zstd") + ":v1"));
    assertPushed("pushed/podman-zstd", "v1");
    assertThat(manifest("pushed/podman-zstd", "v1").path("layers").toString())
        .contains("tar+zstd")
        .doesNotContain("gzip");
    run(join(podman, "manifest", "create", "both"));
    run(join(podman, "manifest", "add", "--tls-verify=false", "both", name(REPOSITORY) + ":v1"));
    run(
        join(
            podman,
            "manifest",
            "push",
            "--all",
            "--tls-verify=false",
            "both",
            "docker://" + name("pushed/podman-index") + ":v1"));
    assertThat(manifest("pushed/podman-index", "v1").path("manifests").size()).isEqualTo(1);
    assertThat(ancestry("pushed/podman-index", "v1")).isNotEmpty();
  }

  @Test
  void containerdPullsAnImage() throws Exception {
    require("containerd");
    require("ctr");
    requireRoot();
    Path home = Files.createTempDirectory(directory, "containerd");
    Path config = home.resolve("config.toml");
    Path socket = Path.of("/tmp", "containerd-" + ProcessHandle.current().pid() + ".sock");
    Files.writeString(
        config,
        """
        version = 2
        root = "%s"
        state = "%s"
        disabled_plugins = ["io.containerd.grpc.v1.cri"]
        [grpc]
        address = "%s"
        """
            .formatted(home.resolve("root"), home.resolve("state"), socket));
    Process containerd = begin(home, "containerd", "--config", config.toString());
    try {
      String[] ctr = {"ctr", "--address", socket.toString()};
      awaitStart(containerd, home, join(ctr, "version"));
      for (String reference : List.of(":v1", "@" + digest(REPOSITORY, "v1"))) {
        String said =
            run(
                join(
                    ctr,
                    "images",
                    "pull",
                    "--plain-http",
                    "--snapshotter",
                    "native",
                    name(REPOSITORY) + reference));
        assertThat(said).contains("done");
      }
      assertThat(run(join(ctr, "content", "ls", "--quiet")))
          .contains(blobs(manifest(REPOSITORY, "v1")));
      for (SchemaOneImages.Image image : common()) {
        run(
            join(
                ctr,
                "images",
                "pull",
                "--plain-http",
                "--snapshotter",
                "native",
                name(image.repository()) + ":v"));
      }
      String pushed = name("pushed/containerd") + ":v1";
      run(join(ctr, "images", "tag", name(REPOSITORY) + ":v1", pushed));
      run(join(ctr, "images", "push", "--plain-http", pushed));
      assertPushed("pushed/containerd", "v1");
    } finally {
      stop(containerd);
    }
  }

  @Test
  void dockerPullsAnImageWithTheIdOfItsConfiguration() throws Exception {
    require("dockerd");
    require("docker");
    requireRoot();
    Path home = Files.createTempDirectory(directory, "dockerd");
    Path socket = Path.of("/tmp", "dockerd-" + ProcessHandle.current().pid() + ".sock");
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
      for (String reference : List.of(":v1", "@" + digest(REPOSITORY, "v1"))) {
        String image = name(REPOSITORY) + reference;
        run(join(docker, "pull", image));
        assertThat(run(join(docker, "image", "inspect", "--format", "{{.Id}}", image)).strip())
            .isEqualTo(blobs(manifest(REPOSITORY, "v1")).get(0));
      }
      assertThat(run(join(docker, "pull", name(REPOSITORY) + ":v1")))
          .contains("Image is up to date");
      for (SchemaOneImages.Image old : OLD) {
        String image = name(old.repository()) + ":v";
        run(join(docker, "pull", image));
        assertThat(run(join(docker, "image", "inspect", "--format", "{{.Id}}", image)).strip())
            .isEqualTo(blobs(manifest(old.repository(), "v")).get(0));
      }
      String pushed = name("pushed/docker") + ":v1";
      run(join(docker, "tag", name(REPOSITORY) + ":v1", pushed));
      assertThat(run(join(docker, "push", pushed))).contains("digest: sha256:");
      assertPushed("pushed/docker", "v1");
    } finally {
      stop(dockerd);
    }
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

  private static void stop(Process engine) throws InterruptedException {
    engine.destroy();
    if (!engine.waitFor(30, TimeUnit.SECONDS)) {
      engine.destroyForcibly();
    }
  }

  private static String[] join(String[] some, String... others) {
    return Stream.concat(Arrays.stream(some), Arrays.stream(others)).toArray(String[]::new);
  }
}
