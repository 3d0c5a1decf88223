package io.registry.upstream.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.registry.content.manifest.Digest;
import io.registry.testkit.DockerDaemon;
import io.registry.testkit.DockerFamily;
import io.registry.testkit.DockerImages;
import io.registry.testkit.FaultProxy;
import io.registry.testkit.FaultProxy.Fault;
import io.registry.testkit.RawConnection;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A source that speaks V2 and is away, or sends what is wrong: none of it is kept. */
@Tag("slow")
class MirrorOfV2FaultHttpTest {
  private static final String BLOB = "GET .*/blobs/.*";
  private static final String MANIFEST = ".*/manifests/.*";

  @TempDir private static Path directory;

  private static RegistryServer source;
  private static FaultProxy proxy;
  private static RegistryServer mirror;

  @BeforeAll
  static void start() throws Exception {
    source = RegistryServer.start(directory.resolve("source"));
    proxy = new FaultProxy(source.port());
    mirror =
        MirrorServer.startPassing(
            directory.resolve("mirror"),
            proxy.endpoint(),
            "--registry.mirror.protocol=v2",
            "--registry.mirror.timeout=2s",
            "--registry.mirror.idle-timeout=500ms");
  }

  @AfterAll
  static void stop() throws Exception {
    mirror.close();
    proxy.close();
    source.close();
  }

  @BeforeEach
  void later() {
    proxy.heal();
    pass();
  }

  /** All that is remembered of the source is old, but known. */
  private static void pass() {
    for (int i = 0; i < 6; i++) {
      MirrorServer.pass(mirror);
    }
  }

  private static void always(String matching, Fault fault) {
    proxy.plan(Integer.MAX_VALUE, request -> request.matches(matching), fault);
  }

  private static TestClient client() {
    return mirror.client();
  }

  private static SourceImageV2 push(String repository) {
    return SourceImageV2.of(repository).push(source.client(), repository, "v1");
  }

  private static Answer manifest(String repository, Object reference) {
    return client().get("/v2/" + repository + "/manifests/" + reference);
  }

  private static Answer blob(String repository, byte[] bytes) {
    return client().get("/v2/" + repository + "/blobs/" + Digest.of(bytes));
  }

  private static boolean isStored(Digest digest) throws Exception {
    Path store = Files.createDirectories(directory.resolve("mirror/store"));
    try (Stream<Path> files = Files.walk(store)) {
      return files.anyMatch(file -> String.valueOf(file.getFileName()).equals(digest.hex()));
    }
  }

  static List<Fault> absences() {
    return List.of(
        Fault.status(503, ""),
        Fault.status(500, ""),
        Fault.status(429, "slow down"),
        Fault.silence(),
        Fault.loseAnswer());
  }

  @ParameterizedTest
  @MethodSource("absences")
  void aSourceThatDoesNotAnswerLeavesWhatIsKnown(Fault fault) {
    String repository = "away/r" + fault.hashCode();
    SourceImageV2 image = push(repository);
    assertThat(manifest(repository, "v1").status()).isEqualTo(200);
    assertThat(blob(repository, image.top()).status()).isEqualTo(200);
    assertThat(client().get("/v1/repositories/" + repository + "/tags").status()).isEqualTo(200);
    pass();
    always(".*", fault);

    Answer known = manifest(repository, "v1");

    assertThat(known.bytes()).isEqualTo(image.manifest());
    assertThat(known.header("Warning")).startsWith("110");
    assertThat(blob(repository, image.top()).bytes()).isEqualTo(image.top());
    assertThat(client().get("/v2/" + repository + "/tags/list").text()).contains("\"v1\"");
    Answer tags = client().get("/v1/repositories/" + repository + "/tags");
    assertThat(tags.text()).contains(image.v1Ids().get(1));
    assertThat(tags.header("Warning")).startsWith("110");
    // What is not known may be there or not: for V2 that is no 404.
    assertThat(manifest(repository, "v2").status()).isEqualTo(503);
    assertThat(manifest(repository, Digest.of(new byte[3])).status()).isEqualTo(503);
    assertThat(blob(repository, new byte[3]).status()).isEqualTo(503);
    assertThat(client().get("/v1/repositories/" + repository + "/tags/v2").status()).isEqualTo(404);
    assertThat(client().get("/actuator/health").text()).contains("mirror");

    proxy.heal();
    pass();
    assertThat(manifest(repository, "v1").headers("Warning")).isEmpty();
    assertThat(manifest(repository, "v2").status()).isEqualTo(404);
  }

  @Test
  void oneFailureIsTriedAgain() {
    SourceImageV2 image = push("once/app");
    proxy.plan(1, request -> request.matches(MANIFEST), Fault.status(503, ""));

    assertThat(manifest("once/app", "v1").bytes()).isEqualTo(image.manifest());
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403, 404})
  void aRefusalIsAnAbsence(int status) {
    SourceImageV2 unused = push("refused/r" + status);
    always(MANIFEST + "|" + BLOB, Fault.status(status, "{}"));

    assertThat(manifest("refused/r" + status, "v1").status()).isEqualTo(404);
    assertThat(client().get("/v1/repositories/refused/r" + status + "/tags/v1").status())
        .isEqualTo(404);
  }

  @Test
  void bytesOfAnotherDigestAreNotKeptAndNoClientGetsAllOfThem() throws Exception {
    SourceImageV2 image = push("wrong/app");
    String other = "x".repeat(image.top().length);
    always(
        "GET .*/blobs/" + Digest.of(image.top()),
        Fault.answer(
            "HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
                .formatted(other.length(), other)));

    assertThat(isWhole("wrong/app", image.top())).isFalse();
    assertThatThrownBy(
            () -> new DockerDaemon(DockerFamily.DOCKER_1_5, mirror.port()).pull("wrong/app", "v1"))
        .isInstanceOf(DockerDaemon.Failure.class);
    assertThat(isStored(Digest.of(image.top()))).isFalse();
    assertThat(client().get("/v1/images/" + image.v1Ids().get(1) + "/json").status())
        .isNotEqualTo(200);

    proxy.heal();
    pass();
    assertThat(blob("wrong/app", image.top()).bytes()).isEqualTo(image.top());
    List<TestImage> pulled =
        new DockerDaemon(DockerFamily.DOCKER_1_5, mirror.port()).pull("wrong/app", "v1");
    assertThat(DockerImages.ids(pulled)).isEqualTo(image.v1Ids());
  }

  static List<Fault> cuts() {
    List<Fault> cuts = new ArrayList<>();
    for (int bytes : List.of(0, 1, 1000)) {
      cuts.add(Fault.resetAnswer(bytes));
      cuts.add(Fault.truncateAnswer(bytes));
    }
    cuts.add(Fault.wrongLength(100));
    cuts.add(Fault.wrongLength(-100));
    return cuts;
  }

  @ParameterizedTest
  @MethodSource("cuts")
  void aBlobThatIsCutIsNotKept(Fault fault) throws Exception {
    String repository = "cut/r" + Integer.toHexString(fault.hashCode());
    SourceImageV2 image = push(repository);
    always(BLOB, fault);

    assertThat(isWhole(repository, image.top())).isFalse();

    assertThat(isStored(Digest.of(image.top()))).isFalse();
    proxy.heal();
    MirrorServer.pass(mirror);
    assertThat(blob(repository, image.top()).bytes()).isEqualTo(image.top());
    await().until(() -> MirrorServer.spooled(directory.resolve("mirror")) == 0);
  }

  @ParameterizedTest
  @ValueSource(ints = {100_000, 299_999})
  void aLargeBlobThatIsCutEndsTheConnectionsOfItsClients(int bytes) throws Exception {
    byte[] large = MirrorServer.image("large " + bytes, 300_000).layer();
    Answer pushed =
        source
            .client()
            .send(
                "POST",
                "/v2/large/app/blobs/uploads/?digest=" + Digest.of(large),
                BodyPublishers.ofByteArray(large));
    assertThat(pushed.status()).isEqualTo(201);
    always(BLOB, Fault.resetAnswer(bytes));

    assertThat(isWhole("large/app", large)).isFalse();

    assertThat(isStored(Digest.of(large))).isFalse();
    proxy.heal();
    MirrorServer.pass(mirror);
    assertThat(blob("large/app", large).bytes()).isEqualTo(large);
  }

  // Whether a client gets an answer that looks complete.
  private static boolean isWhole(String repository, byte[] bytes) throws Exception {
    try (RawConnection connection = new RawConnection(mirror.port())) {
      connection.send(
          "GET /v2/%s/blobs/%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
              .formatted(repository, Digest.of(bytes)));
      String head = connection.readHead();
      return head.contains(" 200 ")
          && connection.readAll().getBytes(StandardCharsets.ISO_8859_1).length >= bytes.length;
    }
  }

  @Test
  void aManifestOfAnotherDigestIsNotKept() throws Exception {
    SourceImageV2 image = push("forged/app");
    SourceImageV2 other = SourceImageV2.of("forged by another");
    String forged = new String(other.manifest(), StandardCharsets.UTF_8);
    for (String digest : List.of("Docker-Content-Digest: " + image.digest() + "\r\n", "")) {
      always(
          "GET .*/manifests/.*",
          Fault.answer(
              "HTTP/1.1 200 OK\r\nContent-Type: %s\r\n%sContent-Length: %d\r\nConnection: close\r\n\r\n%s"
                  .formatted(SourceImageV2.MANIFEST, digest, forged.length(), forged)));

      assertThat(manifest("forged/app", image.digest()).status()).isEqualTo(503);
      if (!digest.isEmpty()) {
        assertThat(manifest("forged/app", "v1").status()).isEqualTo(503);
      }
      pass();
    }
    assertThat(isStored(other.digest())).isFalse();
    assertThat(isStored(image.digest())).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"schemaVersion\":1,\"name\":\"a\",\"tag\":\"b\",\"fsLayers\":[]}",
        "<html></html>",
        "{\"schemaVersion\":2,\"layers\":3}"
      })
  void aManifestThatIsNoneIsAnAbsence(String text) {
    String repository = "none/r" + Integer.toHexString(text.hashCode());
    SourceImageV2 unused = push(repository);
    always(
        "GET .*/manifests/.*",
        Fault.answer(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
                .formatted(text.length(), text)));

    assertThat(manifest(repository, "v1").status()).isEqualTo(404);
    assertThat(client().get("/v1/repositories/" + repository + "/tags").text()).isEqualTo("{}");
  }

  @Test
  void aSourceWithoutHeadIsAskedForTheManifest() {
    SourceImageV2 image = push("nohead/app");
    always("HEAD .*/manifests/.*", Fault.status(405, ""));

    assertThat(manifest("nohead/app", "v1").bytes()).isEqualTo(image.manifest());
  }

  @Test
  void aListInPagesIsReadToItsEnd() {
    for (String tag : List.of("a", "b", "c")) {
      SourceImageV2 unused = SourceImageV2.of(tag).push(source.client(), "paged/app", tag);
    }
    proxy.plan(
        (number, request) ->
            request.endsWith("/v2/paged/app/tags/list")
                ? Fault.answer(
                    String.join(
                        "\r\n",
                        "HTTP/1.1 200 OK",
                        "Link: </v2/paged/app/tags/list?n=1&last=a>; rel=\"next\"",
                        "Content-Length: 37",
                        "Connection: close",
                        "",
                        "{\"name\":\"paged/app\",\"tags\":[\"a\",\"!\"]}"))
                : Fault.none());

    assertThat(client().get("/v2/paged/app/tags/list").text())
        .contains("\"a\"", "\"b\"", "\"c\"")
        .doesNotContain("!");
  }
}
