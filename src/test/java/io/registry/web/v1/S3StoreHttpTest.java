package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.testkit.FaultProxy;
import io.registry.testkit.FaultProxy.Fault;
import io.registry.testkit.RawConnection;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.S3Server;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The whole registry on a bucket, and how often the store is asked for what. */
class S3StoreHttpTest {
  private static S3Server s3;
  private static FaultProxy proxy;
  private static String bucket;
  private static RegistryServer server;
  private static TestClient client;
  private static TestImage base;

  @BeforeAll
  static void start() throws Exception {
    s3 = S3Server.start();
    proxy = new FaultProxy(s3.port());
    bucket = s3.createBucket();
    server = RegistryServer.startWith(onBucket());
    client = server.client();
    base = TestImage.of("base", "", random(100_000)).push(client);
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
    proxy.close();
    s3.close();
  }

  @AfterEach
  void heal() {
    proxy.heal();
  }

  private static String[] onBucket(String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--spring.profiles.active=s3",
                "--registry.storage.s3.bucket=" + bucket,
                "--registry.storage.s3.prefix=/registry",
                "--registry.storage.s3.endpoint=" + proxy.endpoint(),
                "--registry.storage.s3.path-style=true",
                "--registry.storage.s3.access-key=" + S3Server.ACCESS_KEY,
                "--registry.storage.s3.secret-key=" + S3Server.SECRET_KEY,
                "--registry.storage.s3.attempts=2",
                "--registry.storage.s3.read-timeout=2s"));
    arguments.addAll(List.of(more));
    return arguments.toArray(String[]::new);
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
  }

  @Test
  void theObjectsLieWhereTheOriginalPutsThem() {
    TestImage image = TestImage.child("where", base, "a layer").push(client);

    assertThat(
            s3
                .admin()
                .listObjectsV2(
                    request -> request.bucket(bucket).prefix("registry/images/" + image.id()))
                .contents()
                .stream()
                .map(object -> object.key().replaceFirst(".*/", "")))
        .containsExactlyInAnyOrder("json", "layer", "ancestry", "_checksum");
  }

  @Test
  void aPullOfWhatIsKnownAsksOnceForEachPart() {
    TestImage image = TestImage.child("known", base, "a layer").push(client);
    for (String part : List.of("json", "ancestry", "layer")) {
      assertThat(client.get(image.path(part)).status()).isEqualTo(200);
    }

    assertThat(requestsOf(() -> client.get(image.path("json")))).hasSize(1);
    assertThat(requestsOf(() -> client.get(image.path("ancestry")))).hasSize(1);
    assertThat(requestsOf(() -> client.get(image.path("layer")))).hasSize(1);
    assertThat(requestsOf(() -> client.head(image.path("layer")))).hasSize(1);
    assertThat(requestsOf(() -> client.get(image.path("layer"), "Range", "bytes=1-"))).hasSize(1);
  }

  @Test
  void aPullOfWhatIsNotKnownAlsoLooksForTheMark() {
    TestImage image = TestImage.child("unknown", base, "a layer").push(client);

    assertThat(requestsOf(() -> client.get(image.path("ancestry")))).hasSize(2);
    assertThat(requestsOf(() -> client.get(image.path("layer")))).hasSize(2);
    // The size of the layer and the checksums belong into its headers.
    assertThat(requestsOf(() -> client.get(image.path("json")))).hasSize(4);
  }

  @Test
  void aLayerIsTakenInWithThreeRequestsBesidesItsBytes() {
    TestImage image = TestImage.child("push", base, "a layer");
    assertThat(image.putJson(client).status()).isEqualTo(200);

    List<String> requests = requestsOf(() -> image.putLayer(client));

    assertThat(requests).filteredOn(request -> request.matches("PUT .*/layer")).hasSize(1);
    assertThat(requests).hasSize(1 + 3);
    assertThat(image.putChecksum(client).status()).isEqualTo(200);
  }

  @Test
  void theOtherRequestsOfAPushAskAsOftenAsTheManualSays() {
    TestImage first = TestImage.of("first", "", new byte[] {1});
    TestImage second = TestImage.of("second", first.id(), new byte[] {2});
    String tags = "/v1/repositories/foo/count/tags/";

    assertThat(requestsOf(() -> first.putJson(client))).hasSize(5);
    assertThat(requestsOf(() -> second.putJson(client))).hasSize(7);
    assertThat(first.putLayer(client).status()).isEqualTo(200);
    assertThat(requestsOf(() -> first.putChecksum(client))).hasSize(4);
    String id = '"' + first.id() + '"';
    assertThat(requestsOf(() -> client.put(tags + "v1", id))).hasSize(4);
    assertThat(requestsOf(() -> client.put(tags + "latest", id))).hasSize(5);
    assertThat(requestsOf(() -> client.get(tags + "v1"))).hasSize(1);
    assertThat(requestsOf(() -> client.delete("/v1/repositories/foo/count/"))).hasSize(4);
  }

  @Test
  void tagsAreListedWithOneRequestAndOneForEachTag() {
    for (int tag = 0; tag < 20; tag++) {
      assertThat(
              client.put("/v1/repositories/foo/many/tags/t" + tag, '"' + base.id() + '"').status())
          .isEqualTo(200);
    }

    List<String> requests = requestsOf(() -> client.get("/v1/repositories/foo/many/tags"));

    assertThat(requests).hasSize(1 + 20);
  }

  @Test
  void aStoreThatDoesNotAnswerIsUnavailableAndComesBack() {
    TestImage image = TestImage.child("away", base, "a layer").push(client);
    assertThat(client.get("/actuator/health/readiness").status()).isEqualTo(200);
    proxy.plan((number, request) -> Fault.resetInBody(0));

    for (Answer answer :
        List.of(
            client.get(image.path("json")),
            client.get(image.path("layer")),
            image.putJson(client),
            client.put("/v1/repositories/foo/away/tags/v1", '"' + image.id() + '"'))) {
      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.header("Retry-After")).isEqualTo("30");
      assertThat(answer.text()).isEqualTo("{\"error\": \"The storage does not answer\"}");
    }
    assertThat(client.get("/v1/_ping").status()).isEqualTo(200);
    assertThat(client.get("/actuator/health/readiness").status()).isEqualTo(503);
    assertThat(client.get("/actuator/health/liveness").status()).isEqualTo(200);

    proxy.heal();
    assertThat(client.get(image.path("layer")).bytes()).isEqualTo(image.layer());
    assertThat(client.get("/actuator/health/readiness").status()).isEqualTo(200);
  }

  @Test
  void theRegistryStartsWithoutItsStoreAndWorksOnceItIsThere() {
    proxy.plan((number, request) -> Fault.resetInBody(0));
    try (RegistryServer late = RegistryServer.startWith(onBucket())) {
      assertThat(late.client().get("/v1/_ping").status()).isEqualTo(200);
      assertThat(late.client().get("/actuator/health/readiness").status()).isEqualTo(503);
      assertThat(late.client().get(base.path("json")).status()).isEqualTo(503);

      proxy.heal();
      assertThat(late.client().get(base.path("layer")).bytes()).isEqualTo(base.layer());
      assertThat(late.client().get("/actuator/health/readiness").status()).isEqualTo(200);
    }
  }

  @Test
  void aDownloadThatBreaksInTheStoreIsNotNoticedByTheClient() {
    proxy.plan(1, request -> request.matches("GET .*/layer"), Fault.resetAnswer(50_000));

    assertThat(client.get(base.path("layer")).bytes()).isEqualTo(base.layer());
    assertThat(proxy.requests()).filteredOn(request -> request.matches("GET .*/layer")).hasSize(2);
  }

  @Test
  void aDownloadThatCannotGoOnIsCutSoThatItLooksShort() throws IOException {
    AtomicInteger reads = new AtomicInteger();
    proxy.plan(
        (number, request) ->
            !request.matches("GET .*/layer")
                ? Fault.none()
                : reads.incrementAndGet() == 1
                    ? Fault.truncateAnswer(50_000)
                    : Fault.status(503, ""));

    try (RawConnection raw = new RawConnection(client.port())) {
      raw.send("GET %s HTTP/1.1\r\nHost: x\r\n\r\n".formatted(base.path("layer")));
      assertThat(raw.readHead()).contains("Content-Length: 100000");
      assertThat(readToEnd(raw)).isLessThan(100_000);
    }
  }

  private static int readToEnd(RawConnection raw) {
    int count = 0;
    try {
      while (raw.in().read() >= 0) {
        count++;
      }
    } catch (IOException e) {
      // A reset says it even more clearly.
      return count;
    }
    return count;
  }

  private interface Call {
    Answer run();
  }

  private static List<String> requestsOf(Call call) {
    proxy.heal();
    assertThat(call.run().status()).isIn(200, 206);
    return proxy.requests();
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }
}
