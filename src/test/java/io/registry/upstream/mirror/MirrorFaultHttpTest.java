package io.registry.upstream.mirror;

import static io.registry.upstream.mirror.MirrorServer.image;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.registry.testkit.FakeSource;
import io.registry.testkit.OriginalStore;
import io.registry.testkit.PassingClock;
import io.registry.testkit.RawConnection;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sources that send what is wrong, too little, or nothing: none of it is kept (protocol 7.2). */
class MirrorFaultHttpTest {
  private static final String TARSUM_IMAGE =
      "2605eed5a837422e3cbd6c2c99d27a0232f36413a531349bddc3c58c716a0f82";
  private static final String TARSUM =
      "tarsum+sha256:56237a08052ce2e756921c6da1a3a136752561db4805d5b65ea9259310ffece9";
  private static final int SIZE = 300_000;
  private static final String NOT_FOUND = "{\"error\": \"Image not found\"}";

  @TempDir private static Path directory;

  private static FakeSource source;
  private static RegistryServer mirror;

  @BeforeAll
  static void start() throws Exception {
    source = new FakeSource();
    mirror =
        MirrorServer.startPassing(
            directory,
            source.endpoint(),
            "--registry.mirror.timeout=1s",
            "--registry.mirror.idle-timeout=300ms");
  }

  @AfterAll
  static void stop() {
    mirror.close();
    source.close();
  }

  // What is remembered of failures is over.
  @BeforeEach
  void later() {
    ((PassingClock) mirror.bean(Clock.class)).pass(Duration.ofMinutes(1));
  }

  private static TestClient client() {
    return mirror.client();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 65_535, 65_536, 65_537, 200_000, SIZE - 1})
  void aLayerThatBreaksOffIsNotKeptAndNobodyGetsAllOfIt(int sent) throws Exception {
    TestImage image = image("cut at " + sent, SIZE);
    source.serve(image).on(image.path("layer"), FakeSource.truncated(image.layer(), sent));

    byte[] got = assertRefused(image);
    assertThat(got).isEqualTo(Arrays.copyOf(image.layer(), got.length));

    source.serve(image);
    later();
    assertThat(client().get(image.path("layer")).bytes()).isEqualTo(image.layer());
  }

  @Test
  void aLayerOfAnotherChecksumIsNotKeptAndNobodyGetsAllOfIt() throws Exception {
    TestImage image = image("wrong bytes", SIZE);
    byte[] other = image.layer().clone();
    other[SIZE / 2] ^= 1;
    source.serve(image).on(image.path("layer"), FakeSource.body(200, other));

    byte[] unused = assertRefused(image);
  }

  @Test
  void aSmallLayerOfAnotherChecksumIsSimplyNotFound() throws Exception {
    TestImage image = image("wrong and small", 1000);
    source.serve(image).on(image.path("layer"), FakeSource.body(200, new byte[1000]));

    Answer answer = client().get(image.path("layer"));

    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.text()).isEqualTo(NOT_FOUND);
    assertThat(answer.header("Cache-Control")).isEqualTo("no-cache");
    assertThat(MirrorServer.files(directory, image)).doesNotContain("layer");
  }

  @Test
  void aLayerInChunksThatBreaksOffIsNotKeptAndHasNoLastChunk() throws Exception {
    TestImage image = image("chunks cut", SIZE);
    source
        .serve(image, List.of(image.id()))
        .on(image.path("layer"), FakeSource.truncatedChunks(image.layer(), SIZE - 1));

    try (RawConnection connection = get(image)) {
      assertThat(connection.readHead()).contains("Transfer-Encoding: chunked");
      assertThat(connection.readAll()).doesNotEndWith("0\r\n\r\n");
    }
    assertThat(MirrorServer.files(directory, image)).doesNotContain("layer");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 1, -70_000})
  void aLayerOfAnotherSizeThanTheJsonSaysIsNotKeptWithoutAChecksum(int difference)
      throws Exception {
    TestImage image = image("other size " + difference, SIZE);
    source
        .serve(image, List.of(image.id()), "X-Docker-Size", String.valueOf(SIZE))
        .on(
            image.path("layer"),
            FakeSource.body(200, Arrays.copyOf(image.layer(), SIZE + difference)));

    byte[] unused = assertRefused(image);
  }

  @Test
  void aLayerInAnotherEncodingIsNotTaken() throws Exception {
    TestImage image = image("gzip", 1000);
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(image.layer());
    }
    source
        .serve(image, List.of(image.id()))
        .on(
            image.path("layer"),
            FakeSource.body(200, packed.toByteArray(), "Content-Encoding", "gzip"));

    assertThat(client().get(image.path("layer")).text()).isEqualTo(NOT_FOUND);
    assertThat(MirrorServer.files(directory, image)).doesNotContain("layer");
    assertThat(source.requests())
        .allSatisfy(request -> assertThat(request.header("Accept-encoding")).isEqualTo("identity"));
  }

  @Test
  void aLayerWithoutAnyLengthOrChecksumIsNotTaken() throws Exception {
    TestImage image = image("to the end of the connection", 1000);
    source
        .serve(image, List.of(image.id()))
        .on(
            image.path("layer"),
            exchange -> {
              // The server of the JDK would say how long it is.
              throw new IOException("not sent");
            });

    assertThat(client().get(image.path("layer")).text()).isEqualTo(NOT_FOUND);
  }

  @Test
  void aLayerThatStandsStillIsGivenUp() throws Exception {
    TestImage image = image("stalled", SIZE);
    CountDownLatch gate = new CountDownLatch(1);
    source.serve(image).on(image.path("layer"), FakeSource.halting(image.layer(), 100_000, gate));

    byte[] unused = assertRefused(image);
    gate.countDown();
  }

  @Test
  void aLayerIsComparedWithItsTarSumWhenThatIsAllThereIs(@TempDir Path fixtures) throws Exception {
    OriginalStore store = OriginalStore.unpack(fixtures);
    String folder = "images/" + TARSUM_IMAGE + "/";
    TestImage image =
        new TestImage(TARSUM_IMAGE, store.bytes(folder + "json"), store.bytes(folder + "layer"));
    List<String> ancestry =
        Arrays.asList(store.text(folder + "ancestry").replaceAll("[\\[\\]\" ]", "").split(","));
    byte[] other = image.layer().clone();
    other[other.length / 2] ^= 1;

    source
        .serve(image, ancestry, "X-Docker-Checksum-Payload", TARSUM)
        .on(image.path("layer"), FakeSource.body(200, other));
    byte[] unused = assertRefused(image);

    source.serve(image, ancestry, "X-Docker-Checksum-Payload", TARSUM);
    later();
    assertThat(client().get(image.path("layer")).bytes()).isEqualTo(image.layer());
    assertThat(MirrorServer.files(directory, image)).contains("layer", "_checksum");
  }

  @Test
  void aSourceWhoseLayerWasWrongIsNotAskedAgainAtOnce() {
    TestImage image = image("wrong twice", 1000);
    source.serve(image).on(image.path("layer"), FakeSource.body(200, new byte[1000]));

    for (int i = 0; i < 3; i++) {
      assertThat(client().get(image.path("layer")).status()).isEqualTo(404);
    }

    assertThat(source.count("GET", image.path("layer"))).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[\"%2$s\"]",
        "[\"%1$s\", \"%2$s\"]",
        "[\"%1$s\", \"%1$s\"]",
        "[]",
        "{}",
        "nonsense",
        "[1]"
      })
  void anAncestryThatIsNotTheImagesIsNotTaken(String ancestry) throws Exception {
    TestImage image = image("ancestry " + ancestry, 10);
    source
        .serve(image)
        .on(
            image.path("ancestry"),
            FakeSource.body(
                200,
                ancestry
                    .formatted(image.id(), TestImage.id("other"))
                    .getBytes(StandardCharsets.UTF_8)));

    assertThat(client().get(image.path("json")).text()).isEqualTo(NOT_FOUND);
    assertThat(MirrorServer.files(directory, image)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{\"id\": \"other\"}", "nonsense", "", "[]"})
  void aJsonThatIsNotTheImagesIsNotTaken(String json) throws Exception {
    TestImage image = image("json " + json, 10);
    source
        .serve(image)
        .on(image.path("json"), FakeSource.body(200, json.getBytes(StandardCharsets.UTF_8)));

    assertThat(client().get(image.path("json")).text()).isEqualTo(NOT_FOUND);
    assertThat(MirrorServer.files(directory, image)).isEmpty();
  }

  @Test
  void aJsonThatIsTooLargeIsNotTaken() throws Exception {
    TestImage image = image("huge", 10);
    source.serve(image).on(image.path("json"), FakeSource.chunked(new byte[17 * 1024 * 1024]));

    assertThat(client().get(image.path("json")).text()).isEqualTo(NOT_FOUND);
  }

  @Test
  void aLostLayerOfAnImageThatIsAnotherOneAtTheSourceIsNotReplaced() throws Exception {
    TestImage image = image("lost here", 1000).push(client());
    Files.delete(directory.resolve("store/images").resolve(image.id()).resolve("layer"));
    TestImage foreign = TestImage.of("lost here", TestImage.id("parent"), new byte[] {1, 2});
    source.serve(foreign, List.of(foreign.id(), TestImage.id("parent")));

    assertThat(client().get(image.path("layer")).text()).isEqualTo(NOT_FOUND);

    source.serve(image.withLayer(new byte[1000]), List.of(image.id()));
    later();
    assertThat(client().get(image.path("layer")).text()).isEqualTo(NOT_FOUND);

    source.serve(image);
    later();
    assertThat(client().get(image.path("layer")).bytes()).isEqualTo(image.layer());
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 400, 401, 403, 404, 429, 500, 503})
  void whateverElseTheSourceAnswersTheImageIsNotFound(int status) throws Exception {
    TestImage image = image("status " + status, 10);
    for (String part : List.of("json", "ancestry", "layer")) {
      source.on(image.path(part), FakeSource.body(status, new byte[0]));
      later();
      assertThat(client().get(image.path(part)).text()).isEqualTo(NOT_FOUND);
    }
    source.serve(image).on(image.path("layer"), FakeSource.body(status, new byte[0]));
    later();
    assertThat(client().get(image.path("json")).status()).isEqualTo(200);
    assertThat(client().get(image.path("layer")).text()).isEqualTo(NOT_FOUND);
    assertThat(client().head(image.path("layer")).status()).isEqualTo(404);
  }

  // Neither does a client get the whole layer, nor does the mirror have it. Answers what it gets.
  private static byte[] assertRefused(TestImage image) throws IOException {
    byte[] got = new byte[0];
    try (RawConnection connection = get(image)) {
      String head = connection.readHead();
      if (head.startsWith("HTTP/1.1 200")) {
        got = connection.in().readAllBytes();
        assertThat(got.length)
            .isLessThan(Integer.parseInt(head.replaceAll("(?s).*Content-Length: (\\d+).*", "$1")));
      } else {
        assertThat(head).startsWith("HTTP/1.1 404");
      }
    }
    assertThat(MirrorServer.files(directory, image)).doesNotContain("layer");
    await().untilAsserted(() -> assertThat(MirrorServer.spooled(directory)).isZero());
    return got;
  }

  private static RawConnection get(TestImage image) throws IOException {
    RawConnection connection = new RawConnection(client().port());
    connection.send(
        "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".formatted(image.path("layer")));
    return connection;
  }
}
