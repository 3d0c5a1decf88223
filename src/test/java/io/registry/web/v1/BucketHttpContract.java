package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.testkit.Bucket;
import io.registry.testkit.OriginalStore;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole registry on a bucket that holds a store of the original under its storage_path: what it
 * serves, what it adds, and how often the bucket is asked for what when nothing is remembered.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class BucketHttpContract {
  private static final String PREFIX = "registry/";
  private static final List<String> REPOSITORIES =
      List.of(
          "fixtures/from-1-0-0",
          "fixtures/from-1-5-0",
          "fixtures/from-1-9-1",
          "fixtures/from-1-12-6",
          "fixtures/legacy",
          "fixtures/secret",
          "fixtures/short",
          "solo",
          "library/solo",
          "deep/er/name",
          "fixtures/absent");
  private static final List<String> HEADERS =
      List.of("X-Docker-Size", "X-Docker-Checksum-Payload", "Content-Type", "Cache-Control");

  private static final List<String> WITHOUT_CACHE =
      List.of("--registry.cache.tags-ttl=0", "--registry.cache.images-ttl=0");

  private OriginalStore original;
  private Bucket bucket;
  private RegistryServer local;
  private RegistryServer server;
  private TestClient client;
  private TestImage base;

  /** An empty bucket. */
  protected abstract Bucket newBucket(Path directory) throws Exception;

  @BeforeAll
  void start(@TempDir Path store, @TempDir Path directory) throws Exception {
    original = OriginalStore.unpack(store);
    bucket = newBucket(directory);
    for (String path : original.hashes().keySet()) {
      bucket.put(PREFIX + path, original.bytes(path));
    }
    local = RegistryServer.start(store);
    server = start();
    client = server.client();
    base = TestImage.of("base", "", random(100_000)).push(client);
  }

  private RegistryServer start(String... more) {
    return RegistryServer.startWith(
        Stream.of(bucket.arguments().stream(), WITHOUT_CACHE.stream(), Stream.of(more))
            .flatMap(Function.identity())
            .toArray(String[]::new));
  }

  @AfterAll
  void stop() throws Exception {
    server.close();
    local.close();
    bucket.close();
  }

  @AfterEach
  void heal() {
    bucket.heal();
  }

  @Test
  void whatWasPushedIsPulledAgain() {
    TestImage top = TestImage.child("top", base, "another layer").push(client);
    String tag = "/v1/repositories/foo/bar/tags/v1";

    assertThat(client.put(tag, '"' + top.id() + '"').status()).isEqualTo(200);
    assertThat(client.get(tag).text()).isEqualTo('"' + top.id() + '"');
    assertThat(client.get("/v1/repositories/foo/bar/tags").text())
        .isEqualTo("{\"v1\": \"%s\"}".formatted(top.id()));
    assertThat(client.get(top.path("ancestry")).text())
        .isEqualTo("[\"%s\", \"%s\"]".formatted(top.id(), base.id()));
    assertThat(client.get(base.path("json")).bytes()).isEqualTo(base.json());
    assertThat(client.get(base.path("json")).header("X-Docker-Size")).isEqualTo("100000");
    assertThat(client.get(base.path("layer")).bytes()).isEqualTo(base.layer());
    assertThat(client.get(top.path("layer"), "Range", "bytes=2-4").text()).isEqualTo("oth");
    assertThat(client.head(base.path("layer")).header("Content-Length")).isEqualTo("100000");
    assertThat(client.delete("/v1/repositories/foo/bar/").status()).isEqualTo(200);
    assertThat(client.get(tag).status()).isEqualTo(404);
    assertThat(client.get("/_status").status()).isEqualTo(200);
  }

  @Test
  void everyFileOfAnImageIsServedByteForByte() {
    Map<String, String> hashes = OriginalStore.originalHashes();
    int layers = 0;
    for (String id : original.images()) {
      for (String part : List.of("json", "layer", "ancestry")) {
        Answer answer = assertSame("/v1/images/" + id + "/" + part);
        if (answer.status() == 200 && !part.equals("ancestry")) {
          assertThat(OriginalStore.sha256(answer.bytes()))
              .isEqualTo(hashes.get("images/" + id + "/" + part));
          layers++;
        }
      }
    }
    assertThat(layers).isGreaterThan(60);
  }

  @Test
  void everyRepositoryIsServedAsFromTheDirectory() {
    for (String repository : REPOSITORIES) {
      for (String part : List.of("tags", "images", "json", "properties", "tags/latest")) {
        assertSame("/v1/repositories/" + repository + "/" + part);
      }
      assertSame("/v1/repositories/" + repository + "/tags/v1/json");
    }
    assertThat(client.get("/v1/repositories/deep/er/name/tags/v1").status()).isEqualTo(200);
  }

  @Test
  void whatIsPushedOnTopLiesBesideItAsTheOriginalWouldPutIt() {
    String parent = original.images().iterator().next();
    List<String> before = bucket.objects();
    TestImage child = TestImage.of("child", parent, new byte[] {1, 2, 3}).push(client);
    assertThat(
            client
                .put("/v1/repositories/deep/er/other/tags/1.0-rc.1", '"' + child.id() + '"')
                .status())
        .isEqualTo(200);

    List<String> added = new ArrayList<>(bucket.objects());
    added.removeAll(before);
    String image = PREFIX + "images/" + child.id() + "/";
    assertThat(added)
        .containsExactlyInAnyOrder(
            image + "json",
            image + "layer",
            image + "ancestry",
            image + "_checksum",
            PREFIX + "repositories/deep/er%252Fother/tag_1.0-rc.1",
            PREFIX + "repositories/deep/er%252Fother/tag1.0-rc.1_json");
  }

  @Test
  void aPullOfWhatIsKnownAsksOnceForEachPart() {
    TestImage image = TestImage.child("known", base, "a layer").push(client);
    for (String part : List.of("json", "ancestry", "layer")) {
      assertThat(client.get(image.path(part)).status()).isEqualTo(200);
    }

    assertThat(callsOf(() -> client.get(image.path("json")))).isEqualTo(1);
    assertThat(callsOf(() -> client.get(image.path("ancestry")))).isEqualTo(1);
    assertThat(callsOf(() -> client.get(image.path("layer")))).isEqualTo(1);
    assertThat(callsOf(() -> client.head(image.path("layer")))).isEqualTo(1);
    assertThat(callsOf(() -> client.get(image.path("layer"), "Range", "bytes=1-"))).isEqualTo(1);
  }

  @Test
  void aPullOfWhatIsNotKnownAlsoLooksForTheMark() {
    TestImage image = TestImage.child("unknown", base, "a layer").push(client);

    assertThat(callsOf(() -> client.get(image.path("ancestry")))).isEqualTo(2);
    assertThat(callsOf(() -> client.get(image.path("layer")))).isEqualTo(2);
    // The checksums belong into its headers.
    assertThat(callsOf(() -> client.get(image.path("json")))).isEqualTo(3);
  }

  @Test
  void aPushAsksAsOftenAsTheManualSays() {
    TestImage first = TestImage.of("first", "", new byte[] {1});
    TestImage second = TestImage.of("second", first.id(), new byte[] {2});
    String tags = "/v1/repositories/foo/count/tags/";

    assertThat(callsOf(() -> first.putJson(client))).isEqualTo(3);
    assertThat(callsOf(() -> second.putJson(client))).isEqualTo(6);
    // The layer itself, and seven calls besides.
    assertThat(callsOf(() -> first.putLayer(client))).isEqualTo(1 + 7);
    // Four files are copied, and 18 calls besides.
    assertThat(callsOf(() -> first.putChecksum(client))).isEqualTo(18 + 4 * bucket.callsOfACopy());
    String id = '"' + first.id() + '"';
    assertThat(callsOf(() -> client.put(tags + "v1", id))).isEqualTo(6);
    assertThat(callsOf(() -> client.put(tags + "latest", id))).isEqualTo(7);
    assertThat(callsOf(() -> client.get(tags + "v1"))).isEqualTo(1);
    // Two lists; two of what it contains by digest; tags, and then the rest: and 11 for the trash.
    assertThat(callsOf(() -> client.delete("/v1/repositories/foo/count/"))).isEqualTo(17);
  }

  @Test
  void anImageListAsksAsOftenAsTheManualSays() {
    String images = "/v1/repositories/foo/listed/images";
    String one = "[{\"id\": \"%s\"}]".formatted(TestImage.id("one"));
    String other = "[{\"id\": \"%s\"}]".formatted(TestImage.id("other"));

    assertThat(callsOf(() -> client.put(images, one))).isEqualTo(7);
    assertThat(callsOf(() -> client.put(images, other))).isEqualTo(9);
    assertThat(callsOf(() -> client.put(images, "[]"))).isEqualTo(3);
    assertThat(callsOf(() -> client.get(images))).isEqualTo(3);
  }

  @Test
  void tagsAreListedWithOneCallAndOneForEachTag() {
    for (int tag = 0; tag < 20; tag++) {
      assertThat(
              client.put("/v1/repositories/foo/many/tags/t" + tag, '"' + base.id() + '"').status())
          .isEqualTo(200);
    }

    assertThat(callsOf(() -> client.get("/v1/repositories/foo/many/tags"))).isEqualTo(1 + 20);
  }

  @Test
  void aStoreThatDoesNotAnswerIsUnavailableAndComesBack() {
    TestImage image = TestImage.child("away", base, "a layer").push(client);
    assertThat(client.get("/actuator/health/readiness").status()).isEqualTo(200);
    bucket.fail();

    for (Answer answer :
        List.of(
            client.get(image.path("json")),
            client.get(image.path("layer")),
            image.putJson(client),
            client.put("/v1/repositories/foo/away/tags/v1", '"' + image.id() + '"'))) {
      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.header("Retry-After")).isEqualTo("30");
      assertThat(answer.text()).startsWith("{\"error\": \"The storage does not answer\"");
    }
    assertThat(client.get("/v1/_ping").status()).isEqualTo(200);
    assertThat(client.get("/actuator/health/readiness").status()).isEqualTo(503);
    assertThat(client.get("/actuator/health/liveness").status()).isEqualTo(200);

    bucket.heal();
    assertThat(client.get(image.path("layer")).bytes()).isEqualTo(image.layer());
    assertThat(client.get("/actuator/health/readiness").status()).isEqualTo(200);
  }

  @Test
  void theRegistryStartsWithoutItsStoreAndWorksOnceItIsThere() {
    bucket.fail();
    try (RegistryServer late = start()) {
      assertThat(late.client().get("/v1/_ping").status()).isEqualTo(200);
      assertThat(late.client().get("/actuator/health/readiness").status()).isEqualTo(503);
      assertThat(late.client().get(base.path("json")).status()).isEqualTo(503);

      bucket.heal();
      assertThat(late.client().get(base.path("layer")).bytes()).isEqualTo(base.layer());
      assertThat(late.client().get("/actuator/health/readiness").status()).isEqualTo(200);
    }
  }

  @Test
  void aLinkIsGivenAfterTheSameChecksAsTheBytes() {
    TestImage unfinished = TestImage.child("unfinished", base, "a layer");
    assertThat(unfinished.putJson(client).status()).isEqualTo(200);
    assertThat(unfinished.putLayer(client).status()).isEqualTo(200);
    try (RegistryServer redirecting = start("--registry.storage.redirect=true")) {
      TestClient other = redirecting.client();

      Answer found = other.get(base.path("layer"));
      assertThat(found.status()).isEqualTo(302);
      assertThat(found.bytes()).isEmpty();
      assertThat(found.header("Cache-Control")).isEqualTo("no-cache");
      assertThat(URI.create(found.header("Location")).getPath())
          .endsWith("/registry/images/" + base.id() + "/layer");
      assertThat(found.header("Location")).startsWith(bucket.endpoint());

      assertRefused(other.get(unfinished.path("layer")), 400);
      assertRefused(other.get("/v1/images/" + TestImage.id("absent") + "/layer"), 404);
      assertRefused(other.get("/v1/images/nonsense/layer"), 404);
      Answer past = other.get(base.path("layer"), "Range", "bytes=100000-100000");
      assertRefused(past, 416);
      assertThat(past.header("Content-Length")).isEqualTo("0");
      Answer head = other.head(base.path("layer"));
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.header("Content-Length")).isEqualTo("100000");
      assertThat(head.header("Accept-Ranges")).isEqualTo("bytes");
      assertRefused(other.get(base.path("layer"), "If-None-Match", head.header("ETag")), 304);

      // The check alone: the link is signed without asking.
      assertThat(callsOf(() -> other.get(base.path("layer")))).isEqualTo(1);
    }
  }

  private static void assertRefused(Answer answer, int status) {
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.header("Location")).isEmpty();
  }

  private interface Call {
    Answer run();
  }

  private int callsOf(Call call) {
    int before = bucket.calls();
    assertThat(before).isNotNegative();
    assertThat(call.run().status()).isIn(200, 204, 206, 302);
    return bucket.calls();
  }

  private Answer assertSame(String path) {
    Answer expected = local.client().get(path);
    Answer found = client.get(path);
    assertThat(found.status()).as(path).isEqualTo(expected.status());
    assertThat(found.bytes()).as(path).isEqualTo(expected.bytes());
    for (String header : HEADERS) {
      assertThat(found.headers(header)).as(path).isEqualTo(expected.headers(header));
    }
    return found;
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }
}
