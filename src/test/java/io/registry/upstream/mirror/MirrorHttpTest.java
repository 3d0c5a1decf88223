package io.registry.upstream.mirror;

import static io.registry.upstream.mirror.MirrorServer.image;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.registry.testkit.FakeSource;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a mirror fetches, what it keeps of that, and what it answers (protocol 7). */
class MirrorHttpTest {
  @TempDir private static Path directory;

  private static FakeSource source;
  private static RegistryServer mirror;

  @BeforeAll
  static void start() throws Exception {
    source = new FakeSource();
    mirror = MirrorServer.start(directory, source.endpoint());
  }

  @AfterAll
  static void stop() {
    mirror.close();
    source.close();
  }

  private static TestClient client() {
    return mirror.client();
  }

  @Test
  void anImageOfTheSourceIsServedAndKept() throws Exception {
    TestImage base = image("kept base", 300_000);
    TestImage top = TestImage.child("kept top", base, "top");
    source
        .serve(base)
        .serve(
            top,
            List.of(top.id(), base.id()),
            "X-Docker-Checksum-Payload",
            top.checksum(),
            "X-Docker-Size",
            "3",
            "Set-Cookie",
            "session=1",
            "X-Docker-Token",
            "secret",
            "Cache-Control",
            "no-store");

    assertThat(client().get(top.path("ancestry")).text())
        .isEqualTo("[\"%s\", \"%s\"]".formatted(top.id(), base.id()));
    Answer json = client().get(top.path("json"));
    assertThat(json.bytes()).isEqualTo(top.json());
    assertThat(json.header("X-Docker-Size")).isEqualTo("3");
    assertThat(json.headers("X-Docker-Checksum-Payload")).containsExactly(top.checksum());
    assertThat(json.headers("Cache-Control")).containsExactly("public, max-age=31536000");
    assertThat(json.header("Set-Cookie")).isEmpty();
    assertThat(json.header("X-Docker-Token")).isEmpty();
    assertThat(MirrorServer.files(directory, top)).isEmpty();
    for (TestImage image : List.of(top, base)) {
      assertThat(client().get(image.path("layer")).bytes()).isEqualTo(image.layer());
    }

    assertThat(MirrorServer.files(directory, base))
        .containsExactly("_checksum", "ancestry", "json", "layer");
    int asked = source.requests().size();
    assertThat(client().get(top.path("ancestry")).status()).isEqualTo(200);
    assertThat(client().get(base.path("json")).bytes()).isEqualTo(base.json());
    assertThat(client().get(base.path("layer")).bytes()).isEqualTo(base.layer());
    assertThat(source.requests()).hasSize(asked);
  }

  @Test
  void theLayerIsKeptWhenAClientHasItAll() throws Exception {
    TestImage image = image("at once", 500_000);
    source.serve(image);

    assertThat(client().get(image.path("layer")).bytes()).isEqualTo(image.layer());

    assertThat(MirrorServer.files(directory, image)).contains("layer");
  }

  @Test
  void theSpoolIsEmptyAfterwards() throws Exception {
    TestImage image = image("spooled", 500_000);
    source.serve(image);

    assertThat(client().get(image.path("layer")).status()).isEqualTo(200);

    await().untilAsserted(() -> assertThat(MirrorServer.spooled(directory)).isZero());
  }

  @Test
  void whatNobodyHasIsNotFound() {
    TestImage image = image("nowhere", 1);
    for (String part : List.of("json", "ancestry", "layer")) {
      Answer answer = client().get(image.path(part));
      assertThat(answer.status()).isEqualTo(404);
      assertThat(answer.text()).isEqualTo("{\"error\": \"Image not found\"}");
    }
    assertThat(client().head(image.path("layer")).status()).isEqualTo(404);
    assertThat(source.count("GET", image.path("layer"))).isZero();
  }

  @Test
  void headIsHeadAtTheSourceAndKeepsNothing() throws Exception {
    TestImage image = image("head", 1000);
    source.serve(image);

    Answer answer = client().head(image.path("layer"));

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("Content-Length")).isEqualTo("1000");
    assertThat(answer.header("Accept-Ranges")).isEqualTo("bytes");
    assertThat(answer.header("Content-Type")).isEqualTo("application/octet-stream");
    assertThat(source.count("HEAD", image.path("layer"))).isEqualTo(1);
    assertThat(source.count("GET", image.path("layer"))).isZero();
    assertThat(MirrorServer.files(directory, image)).isEmpty();
  }

  @Test
  void aSourceThatKnowsNoHeadIsAskedWithGetAndNotHeardOut() throws Exception {
    TestImage image = image("no head", 1000);
    source.serve(image);
    FakeSource.Answer layer = FakeSource.body(200, image.layer());
    source.on(
        image.path("layer"),
        exchange -> {
          if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(405, -1);
          } else {
            layer.send(exchange);
          }
        });

    assertThat(client().head(image.path("layer")).header("Content-Length")).isEqualTo("1000");

    assertThat(MirrorServer.files(directory, image)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "bytes=0-99, 0, 99",
    "bytes=150000-, 150000, 199999",
    "bytes=199000-200000, 199000, 199999",
    "bytes=-500, 199500, 199999",
    "bytes=0-0, 0, 0"
  })
  void aRangeOfWhatIsNotHereIsServed(String range, int first, int last) throws Exception {
    TestImage image = image("range " + range, 200_000);
    source.serve(image);

    Answer answer = client().get(image.path("layer"), "Range", range);

    assertThat(answer.status()).isEqualTo(206);
    assertThat(answer.header("Content-Range"))
        .isEqualTo("bytes %d-%d/200000".formatted(first, last));
    assertThat(answer.bytes()).isEqualTo(Arrays.copyOfRange(image.layer(), first, last + 1));
    await().untilAsserted(() -> assertThat(MirrorServer.files(directory, image)).contains("layer"));
    assertThat(client().get(image.path("layer")).bytes()).isEqualTo(image.layer());
    assertThat(source.count("GET", image.path("layer"))).isEqualTo(1);
  }

  @Test
  void aRangePastTheEndOfWhatIsNotHereIsRefusedAsDaemonsExpect() {
    TestImage image = image("past the end", 5000);
    source.serve(image);

    Answer answer = client().get(image.path("layer"), "Range", "bytes=5000-5000");

    assertThat(answer.status()).isEqualTo(416);
    assertThat(answer.header("Content-Length")).isEqualTo("0");
    assertThat(answer.header("Content-Range")).isEqualTo("bytes */5000");
  }

  @Test
  void aRangeIsServedBeforeTheRestHasCome() throws Exception {
    TestImage image = image("range while it comes", 400_000);
    CountDownLatch gate = new CountDownLatch(1);
    source.serve(image).on(image.path("layer"), FakeSource.halting(image.layer(), 300_000, gate));

    Answer early = client().get(image.path("layer"), "Range", "bytes=1000-200000");
    gate.countDown();

    assertThat(early.bytes()).isEqualTo(Arrays.copyOfRange(image.layer(), 1000, 200_001));
    assertThat(client().get(image.path("layer")).bytes()).isEqualTo(image.layer());
    assertThat(source.count("GET", image.path("layer"))).isEqualTo(1);
  }

  @Test
  void conditionsHoldAlsoForWhatIsNotHere() {
    TestImage image = image("conditional", 1000);
    source.serve(image);
    String layer = image.path("layer");

    assertThat(client().get(layer, "If-None-Match", "*").status()).isEqualTo(304);
    assertThat(client().get(layer, "If-Modified-Since", "Thu, 01 Jan 1970 00:00:00 GMT").status())
        .isEqualTo(304);
    assertThat(client().get(layer, "If-None-Match", "\"other\"").status()).isEqualTo(200);
    TestImage other = image("conditional range", 1000);
    source.serve(other);
    Answer answer =
        client().get(other.path("layer"), "If-Range", "\"other\"", "Range", "bytes=0-9");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.bytes()).isEqualTo(other.layer());
  }

  @Test
  void aTagOfTheLayerIsToldOnlyOnceItIsHere() {
    TestImage image = image("etag", 1000);
    source.serve(image);

    assertThat(client().get(image.path("layer")).header("ETag")).isEmpty();

    String etag = client().get(image.path("layer")).header("ETag");
    assertThat(etag).isNotEmpty();
    assertThat(client().get(image.path("layer"), "If-None-Match", etag).status()).isEqualTo(304);
  }

  @Test
  void aLayerWithoutAnnouncedLengthIsServedAndKept() throws Exception {
    TestImage known = image("chunked", 300_000);
    source.serve(known).on(known.path("layer"), FakeSource.chunked(known.layer()));
    Answer answer = client().get(known.path("layer"));
    assertThat(answer.header("Content-Length")).isEqualTo("300000");
    assertThat(answer.bytes()).isEqualTo(known.layer());

    TestImage unknown = image("chunked, unknown", 300_000);
    source
        .serve(unknown, List.of(unknown.id()))
        .on(unknown.path("layer"), FakeSource.chunked(unknown.layer()));
    Answer chunked = client().get(unknown.path("layer"));
    assertThat(chunked.header("Transfer-Encoding")).isEqualTo("chunked");
    assertThat(chunked.bytes()).isEqualTo(unknown.layer());
    assertThat(MirrorServer.files(directory, unknown)).contains("layer");

    TestImage part = image("chunked, unknown, part", 300_000);
    source.serve(part, List.of(part.id())).on(part.path("layer"), FakeSource.chunked(part.layer()));
    assertThat(client().head(part.path("layer")).status()).isEqualTo(200);
    assertThat(client().get(part.path("layer"), "Range", "bytes=-10").bytes())
        .isEqualTo(Arrays.copyOfRange(part.layer(), 299_990, 300_000));
  }

  @Test
  void anImageWithoutChecksumIsKeptWithTheOneThatWasComputed() throws Exception {
    TestImage image = image("no checksum", 1000);
    source.serve(image, List.of(image.id()));

    assertThat(client().get(image.path("layer")).bytes()).isEqualTo(image.layer());

    assertThat(client().get(image.path("json")).headers("X-Docker-Checksum-Payload"))
        .containsExactly(image.checksum());
    assertThat(MirrorServer.files(directory, image))
        .containsExactly("_checksum", "ancestry", "json", "layer");
  }

  @Test
  void anEmptyLayerIsALayer() {
    TestImage image = image("empty", 0);
    source.serve(image);

    Answer answer = client().get(image.path("layer"));

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.bytes()).isEmpty();
  }

  @Test
  void whatIsPushedHereIsNotAskedForElsewhere() {
    TestImage image = image("pushed here", 1000);
    source.serve(image.withLayer(new byte[] {1, 2, 3}));
    assertThat(image.putJson(client()).status()).isEqualTo(200);
    int asked = source.requests().size();

    for (String part : List.of("json", "ancestry", "layer")) {
      assertThat(client().get(image.path(part)).text())
          .isEqualTo("{\"error\": \"Image is being uploaded, retry later\"}");
    }
    assertThat(image.putLayer(client()).status()).isEqualTo(200);
    assertThat(image.putChecksum(client()).status()).isEqualTo(200);
    assertThat(client().get(image.path("layer")).bytes()).isEqualTo(image.layer());

    assertThat(source.requests()).hasSize(asked);
  }

  @Test
  void aPushHereBuildsOnWhatTheSourceHas() {
    TestImage base = image("base of a push", 1000);
    TestImage top = TestImage.child("push on a base", base, "top");
    source.serve(base);
    assertThat(client().get(base.path("json")).status()).isEqualTo(200);

    top.push(client());

    assertThat(client().put("/v1/repositories/own/built/tags/v1", '"' + top.id() + '"').status())
        .isEqualTo(200);
    assertThat(client().get(top.path("ancestry")).text())
        .isEqualTo("[\"%s\", \"%s\"]".formatted(top.id(), base.id()));
    assertThat(client().get(base.path("layer")).bytes()).isEqualTo(base.layer());
  }

  @Test
  void onlyWhatIsHereIsTagged() {
    TestImage image = image("tagged elsewhere", 1000);
    source.serve(image);

    assertThat(client().put("/v1/repositories/own/far/tags/v1", '"' + image.id() + '"').status())
        .isEqualTo(404);
    assertThat(client().get(image.path("json")).status()).isEqualTo(200);
    assertThat(client().put("/v1/repositories/own/far/tags/v1", '"' + image.id() + '"').status())
        .isEqualTo(404);
    assertThat(client().get(image.path("layer")).status()).isEqualTo(200);
    assertThat(client().put("/v1/repositories/own/far/tags/v1", '"' + image.id() + '"').status())
        .isEqualTo(200);
  }

  @Test
  void theOwnerOfTheServerSeesWhatWasFetched() {
    TestImage image = image("metered", 123_456);
    source.serve(image);
    assertThat(client().get(image.path("layer")).status()).isEqualTo(200);

    assertThat(client().get("/actuator/metrics/registry.mirror.bytes").text())
        .containsPattern("\"value\":[1-9.E]");
    for (String meter : List.of("gets", "questions", "fetches", "fetching", "spool")) {
      assertThat(client().get("/actuator/metrics/registry.mirror." + meter).status())
          .as(meter)
          .isEqualTo(200);
    }
    assertThat(client().get("/actuator/health").text()).contains("\"mirror\":{\"status\":\"UP\"}");
    assertThat(client().get("/v1/_ping").header("X-Docker-Registry-Standalone"))
        .isEqualTo("mirror");
  }
}
