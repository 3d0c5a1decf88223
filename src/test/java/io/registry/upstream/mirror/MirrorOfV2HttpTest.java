package io.registry.upstream.mirror;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.registry.content.manifest.Digest;
import io.registry.testkit.DockerDaemon;
import io.registry.testkit.DockerFamily;
import io.registry.testkit.DockerImages;
import io.registry.testkit.FaultProxy;
import io.registry.testkit.FaultProxy.Fault;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import io.registry.testkit.Together;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A source that speaks V2 only, pulled by old and new clients through a mirror. */
@Tag("external")
@Tag("slow")
class MirrorOfV2HttpTest {
  @TempDir private static Path directory;

  private static RegistryServer source;
  private static FaultProxy proxy;
  private static RegistryServer mirror;

  @BeforeAll
  static void start() throws Exception {
    source = RegistryServer.start(directory.resolve("source"));
    proxy = new FaultProxy(source.port());
    mirror = MirrorServer.startPassing(directory.resolve("mirror"), proxy.endpoint());
  }

  @AfterAll
  static void stop() throws Exception {
    mirror.close();
    proxy.close();
    source.close();
  }

  /** The source has forgotten V1, and what was remembered of it is over. */
  @BeforeEach
  void v2Only() {
    answer(Fault.none(), "");
    MirrorServer.pass(mirror);
  }

  private static void answer(Fault fault, String matching) {
    proxy.plan(
        (number, request) -> {
          if (request.contains(" /v1/")) {
            return Fault.status(404, "404 page not found");
          }
          return !matching.isEmpty() && request.matches(matching) ? fault : Fault.none();
        });
  }

  private static TestClient client() {
    return mirror.client();
  }

  private static SourceImageV2 push(String repository, String tag) {
    return SourceImageV2.of(repository + tag).push(source.client(), repository, tag);
  }

  private static Answer manifest(String repository, Object reference) {
    return client().get("/v2/" + repository + "/manifests/" + reference);
  }

  private static Answer blob(String repository, byte[] bytes) {
    return client().get("/v2/" + repository + "/blobs/" + Digest.of(bytes));
  }

  private static long asked(String matching) {
    return proxy.requests().stream().filter(request -> request.matches(matching)).count();
  }

  @ParameterizedTest
  @EnumSource
  void everyOldDaemonPullsFromASourceThatSpeaksV2Only(DockerFamily family) {
    String name = "old/r" + family.name().toLowerCase(Locale.ROOT);
    SourceImageV2 image = push(name, "v1");
    SourceImageV2 unused = push(name, "v2");

    List<TestImage> pulled = new DockerDaemon(family, mirror.port()).pull(name, "v1");
    List<TestImage> again = new DockerDaemon(family, mirror.port()).pull(name, "v1");

    assertThat(DockerImages.ids(pulled)).isEqualTo(image.v1Ids());
    assertThat(pulled).extracting(TestImage::layer).containsExactly(image.base(), image.top());
    assertThat(DockerImages.ids(again)).isEqualTo(image.v1Ids());
    for (byte[] blob : image.blobs()) {
      assertThat(asked("GET .*/blobs/" + Digest.of(blob))).isEqualTo(1);
    }
    // Only what was asked for is fetched.
    assertThat(asked("GET .*/blobs/" + Digest.of(unused.top()))).isZero();
  }

  @Test
  void aV2ClientGetsTheManifestsAndBlobsOfTheSource() {
    SourceImageV2 image = push("team/app", "v1");

    Answer tagged = manifest("team/app", "v1");

    assertThat(tagged.status()).isEqualTo(200);
    assertThat(tagged.bytes()).isEqualTo(image.manifest());
    assertThat(tagged.header("Content-Type")).isEqualTo(SourceImageV2.MANIFEST);
    assertThat(tagged.header("Docker-Content-Digest")).isEqualTo(image.digest().toString());
    // A client that only looks does not cause a download.
    assertThat(asked("GET .*/blobs/.*")).isZero();
    assertThat(manifest("team/app", image.digest()).bytes()).isEqualTo(image.manifest());
    String top = "/v2/team/app/blobs/" + Digest.of(image.top());
    assertThat(client().head(top).header("Content-Length"))
        .isEqualTo(String.valueOf(image.top().length));
    assertThat(client().get(top, "Range", "bytes=100-199").bytes())
        .isEqualTo(Arrays.copyOfRange(image.top(), 100, 200));
    for (byte[] blob : image.blobs()) {
      assertThat(blob("team/app", blob).bytes()).isEqualTo(blob);
    }
    assertThat(client().get("/v2/team/app/tags/list").text()).contains("\"v1\"");
    assertThat(manifest("team/app", "none").status()).isEqualTo(404);
    assertThat(manifest("team/none", "v1").status()).isEqualTo(404);
    assertThat(blob("team/app", "none".getBytes(UTF_8)).status()).isEqualTo(404);
    assertThat(manifest("team/app", Digest.of(new byte[1])).status()).isEqualTo(404);
    assertThat(client().get("/v2/team/none/tags/list").status()).isEqualTo(404);
  }

  @Test
  void whatWasFetchedIsServedByDigestAfterARestartWithoutTheSource(@TempDir Path folder) {
    SourceImageV2 image = push("kept/app", "v1");
    try (RegistryServer first = MirrorServer.start(folder, proxy.endpoint())) {
      assertThat(first.client().get("/v2/kept/app/manifests/v1").status()).isEqualTo(200);
      assertThat(first.client().get("/v2/kept/app/blobs/" + Digest.of(image.top())).bytes())
          .isEqualTo(image.top());
    }
    answer(Fault.status(503, ""), ".*");
    try (RegistryServer again = MirrorServer.start(folder, proxy.endpoint())) {
      assertThat(again.client().get("/v2/kept/app/manifests/" + image.digest()).bytes())
          .isEqualTo(image.manifest());
      assertThat(again.client().get("/v2/kept/app/blobs/" + Digest.of(image.top())).bytes())
          .isEqualTo(image.top());
      assertThat(again.client().get("/v2/kept/app/blobs/" + Digest.of(image.base())).status())
          .isEqualTo(503);
    }
  }

  @Test
  void ofAnIndexOnlyWhatClientsAskForIsFetched() {
    SourceImageV2 amd64 = SourceImageV2.of("index", "amd64");
    SourceImageV2 arm64 = SourceImageV2.of("index", "arm64");
    Map<String, SourceImageV2> platforms = new LinkedHashMap<>();
    platforms.put("arm64", arm64);
    platforms.put("amd64", amd64);
    platforms.forEach(
        (name, image) -> image.push(source.client(), "many/platforms", image.digest()));
    byte[] index = SourceImageV2.index(platforms);
    SourceImageV2.put(source.client(), "many/platforms", "v1", SourceImageV2.INDEX, index);

    assertThat(manifest("many/platforms", "v1").bytes()).isEqualTo(index);
    assertThat(asked(".* /v2/many/platforms/manifests/sha256.*")).isZero();
    assertThat(manifest("many/platforms", arm64.digest()).bytes()).isEqualTo(arm64.manifest());
    List<TestImage> pulled =
        new DockerDaemon(DockerFamily.DOCKER_1_5, mirror.port()).pull("many/platforms", "v1");

    assertThat(DockerImages.ids(pulled)).isEqualTo(amd64.v1Ids());
    assertThat(asked("GET .*/blobs/" + Digest.of(arm64.top()))).isZero();
    // The tag is still the index.
    MirrorServer.pass(mirror);
    assertThat(manifest("many/platforms", "v1").bytes()).isEqualTo(index);
  }

  @Test
  void manyClientsCauseOneFetchOfEachBlob() throws Exception {
    SourceImageV2 image = push("crowd/app", "v1");

    Together.run(
        IntStream.range(0, 20)
            .<Together.Task>mapToObj(
                number ->
                    () -> {
                      if (number % 4 == 0) {
                        List<TestImage> pulled =
                            new DockerDaemon(DockerFamily.DOCKER_1_9, mirror.port())
                                .pull("crowd/app", "v1");
                        assertThat(DockerImages.ids(pulled)).isEqualTo(image.v1Ids());
                        return;
                      }
                      assertThat(manifest("crowd/app", "v1").bytes()).isEqualTo(image.manifest());
                      for (byte[] blob : image.blobs()) {
                        assertThat(blob("crowd/app", blob).bytes()).isEqualTo(blob);
                      }
                    })
            .toList());

    for (byte[] blob : image.blobs()) {
      assertThat(asked("GET .*/blobs/" + Digest.of(blob))).isEqualTo(1);
    }
    assertThat(asked("GET .*/manifests/.*")).isEqualTo(1);
  }

  @Test
  void aTagThatMovesAtTheSourceMovesHereWhenItsTimeIsOver() {
    SourceImageV2 old = push("moving/app", "latest");
    assertThat(manifest("moving/app", "latest").bytes()).isEqualTo(old.manifest());
    SourceImageV2 next = SourceImageV2.of("next").push(source.client(), "moving/app", "latest");

    assertThat(manifest("moving/app", "latest").bytes()).isEqualTo(old.manifest());
    for (int i = 0; i < 6; i++) {
      MirrorServer.pass(mirror);
    }

    assertThat(manifest("moving/app", "latest").bytes()).isEqualTo(next.manifest());
    List<TestImage> pulled =
        new DockerDaemon(DockerFamily.DOCKER_1_5, mirror.port()).pull("moving/app", "latest");
    assertThat(DockerImages.ids(pulled)).isEqualTo(next.v1Ids());
    assertThat(manifest("moving/app", old.digest()).bytes()).isEqualTo(old.manifest());
    // Nothing is downloaded again when nothing has changed.
    for (int i = 0; i < 6; i++) {
      MirrorServer.pass(mirror);
    }
    long before = asked("GET .*/manifests/.*");
    assertThat(manifest("moving/app", "latest").bytes()).isEqualTo(next.manifest());
    assertThat(asked("GET .*/manifests/.*")).isEqualTo(before);
    assertThat(asked("HEAD .*/manifests/latest")).isGreaterThan(1);
    // And when the tag is gone, it is gone here.
    assertThat(source.client().delete("/v2/moving/app/manifests/latest").status()).isEqualTo(202);
    for (int i = 0; i < 6; i++) {
      MirrorServer.pass(mirror);
    }
    assertThat(manifest("moving/app", "latest").status()).isEqualTo(404);
  }

  @Test
  void aLocalTagWinsAndTheListHasBoth() {
    SourceImageV2 there = push("both/app", "v1");
    SourceImageV2 unused = push("both/app", "far");
    SourceImageV2 here = SourceImageV2.of("here").push(client(), "both/app", "v1");

    assertThat(manifest("both/app", "v1").bytes()).isEqualTo(here.manifest());
    assertThat(manifest("both/app", "far").bytes()).isEqualTo(unused.manifest());
    assertThat(client().get("/v2/both/app/tags/list").text()).contains("\"v1\"", "\"far\"");
    assertThat(client().get("/v1/repositories/both/app/tags").text())
        .contains(here.v1Ids().get(1), unused.v1Ids().get(1))
        .doesNotContain(there.v1Ids().get(1));
    assertThat(source.client().get("/v2/both/app/manifests/v1").bytes())
        .isEqualTo(there.manifest());
    assertThat(client().delete("/v2/both/app/manifests/v1").status()).isEqualTo(202);
    assertThat(manifest("both/app", "v1").bytes()).isEqualTo(there.manifest());
  }

  @Test
  void aNameWithoutNamespaceIsTriedInLibraryToo() {
    SourceImageV2 short1 = SourceImageV2.of("solo").push(source.client(), "solo", "v1");

    assertThat(manifest("solo", "v1").bytes()).isEqualTo(short1.manifest());
    assertThat(manifest("nothing", "v1").status()).isEqualTo(404);
    assertThat(asked("HEAD /v2/nothing/manifests/v1")).isEqualTo(1);
    assertThat(asked("HEAD /v2/library/nothing/manifests/v1")).isEqualTo(1);
    assertThat(asked("HEAD /v2/library/solo/.*")).isZero();
  }

  @Test
  void bytesThatAreHereAlreadyAreShownOnlyWhereTheSourceHasThem() {
    SourceImageV2 shared = SourceImageV2.of("shared").push(client(), "hidden/app", "v1");
    SourceImageV2 unused = push("open/app", "v1");

    assertThat(blob("open/app", shared.top()).status()).isEqualTo(404);

    shared.push(source.client(), "open/app", "v2");
    MirrorServer.pass(mirror);
    assertThat(manifest("open/app", "v2").status()).isEqualTo(200);
    assertThat(blob("open/app", shared.top()).bytes()).isEqualTo(shared.top());
    assertThat(asked("GET .*/blobs/.*")).isZero();
  }

  @Test
  void whatV1CannotExpressIsThereForV2Only() {
    SourceImageV2 image = push("odd/app", "v1");
    SourceImageV2 other = push("odd/app", "v2");
    byte[] artifact =
        new String(image.manifest(), UTF_8)
            .replace("application/vnd.oci.image.config.v1+json", "application/vnd.example")
            .getBytes(UTF_8);
    SourceImageV2.put(source.client(), "odd/app", "odd", SourceImageV2.MANIFEST, artifact);

    assertThat(manifest("odd/app", "odd").bytes()).isEqualTo(artifact);
    assertThat(client().get("/v1/repositories/odd/app/tags/odd").status()).isEqualTo(404);
    assertThat(client().get("/v1/repositories/odd/app/tags").text())
        .isEqualTo(
            "{\"v1\": \"%s\", \"v2\": \"%s\"}"
                .formatted(image.v1Ids().get(1), other.v1Ids().get(1)));
  }

  @Test
  void aSourceThatSpeaksBothIsAskedOverV1(@TempDir Path folder) {
    SourceImageV2 image = push("both/protocols", "v1");
    proxy.heal();
    try (RegistryServer auto = MirrorServer.start(folder.resolve("auto"), proxy.endpoint());
        RegistryServer v2 =
            MirrorServer.start(
                folder.resolve("v2"), proxy.endpoint(), "--registry.mirror.protocol=v2")) {
      List<TestImage> pulled =
          new DockerDaemon(DockerFamily.DOCKER_1_5, auto.port()).pull("both/protocols", "v1");
      assertThat(DockerImages.ids(pulled)).isEqualTo(image.v1Ids());
      assertThat(auto.client().get("/v2/both/protocols/manifests/none").status()).isEqualTo(404);
      assertThat(proxy.requests()).noneMatch(request -> request.contains(" /v2/"));

      proxy.heal();
      assertThat(v2.client().get("/v2/both/protocols/manifests/v1").bytes())
          .isEqualTo(image.manifest());
      assertThat(proxy.requests()).noneMatch(request -> request.contains(" /v1/"));
    }
  }

  @Test
  void aSourceIsAskedAgainWhichProtocolItSpeaksWhenItDidNotAnswer(@TempDir Path folder) {
    SourceImageV2 image = push("late/app", "v1");
    proxy.plan((number, request) -> Fault.status(503, ""));
    try (RegistryServer late = MirrorServer.startPassing(folder, proxy.endpoint())) {
      assertThat(late.client().get("/v2/late/app/manifests/v1").status()).isIn(404, 503);
      answer(Fault.none(), "");
      MirrorServer.pass(late);
      assertThat(late.client().get("/v2/late/app/manifests/v1").bytes())
          .isEqualTo(image.manifest());
    }
  }

  @Test
  void aPageForPeopleAtEveryPathIsNoV1(@TempDir Path folder) {
    SourceImageV2 image = push("pages/app", "v1");
    proxy.plan(
        (number, request) ->
            request.contains("/v2/")
                ? Fault.none()
                : Fault.answer(
                    String.join(
                        "\r\n",
                        "HTTP/1.1 200 OK",
                        "Content-Type: text/html",
                        "Content-Length: 13",
                        "Connection: close",
                        "",
                        "<html></html>")));
    try (RegistryServer auto = MirrorServer.start(folder, proxy.endpoint())) {
      assertThat(auto.client().get("/v2/pages/app/manifests/v1").bytes())
          .isEqualTo(image.manifest());
    }
  }

  @Test
  void aWebServerThatAsksForAPasswordAtEveryPathIsNoV2(@TempDir Path folder) {
    proxy.plan(
        (number, request) ->
            Fault.answer(
                String.join(
                    "\r\n",
                    "HTTP/1.1 401 Unauthorized",
                    "WWW-Authenticate: Basic realm=\"x\"",
                    "Content-Length: 0",
                    "Connection: close",
                    "",
                    "")));
    try (RegistryServer auto = MirrorServer.start(folder, proxy.endpoint())) {
      assertThat(auto.client().get("/v2/asking/app/manifests/v1").status()).isEqualTo(404);
      assertThat(auto.client().get("/v1/repositories/asking/app/tags").status()).isEqualTo(404);
      assertThat(proxy.requests())
          .filteredOn(line -> line.contains(" /v2/"))
          .containsExactly("GET /v2/");
    }
  }

  @Test
  void withV1OrWithoutV2NothingIsAskedOverV2(@TempDir Path folder) {
    SourceImageV2 unused = push("v1/only", "v1");
    try (RegistryServer v1 =
            MirrorServer.start(
                folder.resolve("v1"), proxy.endpoint(), "--registry.mirror.protocol=v1");
        RegistryServer off =
            MirrorServer.start(
                folder.resolve("off"), proxy.endpoint(), "--registry.v2.enabled=false")) {
      assertThat(v1.client().get("/v2/v1/only/manifests/v1").status()).isEqualTo(404);
      assertThat(off.client().get("/v1/repositories/v1/only/tags").status()).isEqualTo(404);
      assertThat(proxy.requests()).isNotEmpty().noneMatch(line -> line.contains(" /v2/"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"--registry.v2.enabled=false", "--registry.mirror.token=abc"})
  void settingsThatContradictV2AreRefusedAtTheStart(String setting, @TempDir Path folder) {
    assertThatThrownBy(
            () ->
                MirrorServer.start(
                    folder, proxy.endpoint(), "--registry.mirror.protocol=v2", setting))
        .hasStackTraceContaining("registry.mirror.");
  }

  @Test
  void skopeoCopiesThroughTheMirror(@TempDir Path folder) throws Exception {
    requireProgram("skopeo");
    SourceImageV2 image = push("genuine/app", "v1");

    for (String reference : List.of(":v1", "@" + image.digest())) {
      Path copy = Files.createDirectories(folder.resolve("copy" + reference.length()));
      run(
          folder,
          "skopeo",
          "copy",
          "--src-tls-verify=false",
          "--preserve-digests",
          "docker://localhost:" + mirror.port() + "/genuine/app" + reference,
          "dir:" + copy);
      assertThat(copy.resolve("manifest.json")).hasBinaryContent(image.manifest());
      for (byte[] blob : image.blobs()) {
        assertThat(copy.resolve(Digest.of(blob).hex())).hasBinaryContent(blob);
      }
    }
  }

  @Test
  void debiansDistributionIsMirrored(@TempDir Path folder) throws Exception {
    Path program = requireProgram("docker-registry");
    int port = RegistryServer.freePort();
    Path config =
        Files.writeString(
            folder.resolve("distribution.yml"),
            """
            version: 0.1
            log: {level: warn}
            storage: {filesystem: {rootdirectory: %s}, delete: {enabled: true}}
            http: {addr: "127.0.0.1:%d"}
            """
                .formatted(folder.resolve("distribution"), port));
    Process registry =
        new ProcessBuilder(program.toString(), "serve", config.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("said").toFile())
            .start();
    try {
      TestClient there = new TestClient(port);
      Awaitility.await()
          .atMost(Duration.ofMinutes(1))
          .ignoreExceptions()
          .until(() -> there.get("/v2/").status() == 200);
      SourceImageV2 image = pushInSteps(there, "deb/app", "v1");
      try (RegistryServer through =
          MirrorServer.start(folder.resolve("mirror"), URI.create("http://127.0.0.1:" + port))) {
        List<TestImage> pulled =
            new DockerDaemon(DockerFamily.DOCKER_1_5, through.port()).pull("deb/app", "v1");
        assertThat(DockerImages.ids(pulled)).isEqualTo(image.v1Ids());
        assertThat(pulled).extracting(TestImage::layer).containsExactly(image.base(), image.top());
        assertThat(through.client().get("/v2/deb/app/manifests/v1").bytes())
            .isEqualTo(image.manifest());
        assertThat(through.client().get("/v2/deb/app/tags/list").text()).contains("\"v1\"");
        assertThat(through.client().get("/v2/deb/app/manifests/none").status()).isEqualTo(404);
        assertThat(through.client().get("/v2/deb/none/manifests/v1").status()).isEqualTo(404);
      }
    } finally {
      registry.destroy();
      boolean unused = registry.waitFor(30, TimeUnit.SECONDS);
    }
  }

  // Distribution takes no blob in one request.
  private static SourceImageV2 pushInSteps(TestClient client, String repository, String tag) {
    SourceImageV2 image = SourceImageV2.of(repository + tag);
    for (byte[] blob : image.blobs()) {
      String location = client.post("/v2/" + repository + "/blobs/uploads/", "").header("Location");
      String path = location.replaceFirst("^https?://[^/]*", "");
      assertThat(client.put(path + "&digest=" + Digest.of(blob), blob).status()).isEqualTo(201);
    }
    SourceImageV2.put(client, repository, tag, SourceImageV2.MANIFEST, image.manifest());
    return image;
  }

  private static Path requireProgram(String name) {
    Optional<Path> program =
        Stream.concat(Arrays.stream(System.getenv("PATH").split(":")), Stream.of("/usr/sbin"))
            .map(folder -> Path.of(folder, name))
            .filter(Files::isExecutable)
            .findFirst();
    assumeTrue(program.isPresent(), name + " is not installed");
    return program.get();
  }

  private static void run(Path folder, String... command) throws Exception {
    Path output = Files.createTempFile(folder, "client", ".log");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    boolean ended = process.waitFor(3, TimeUnit.MINUTES);
    if (!ended) {
      process.destroyForcibly();
    }
    assertThat(ended && process.exitValue() == 0).as(Files.readString(output)).isTrue();
  }
}
