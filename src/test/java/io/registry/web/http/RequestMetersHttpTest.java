package io.registry.web.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.registry.testkit.RawConnection;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.Scrape;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is counted of the requests of clients, whatever they send. */
class RequestMetersHttpTest {
  private static final String COUNT = "registry_http_requests_seconds_count";
  private static final String TAG = "/v1/repositories/{namespace}/{name}/tags/{tag}";
  private static final int LAYER = 300_000;

  @TempDir private static Path directory;

  private static RegistryServer server;
  private static TestClient client;

  @BeforeAll
  static void start() {
    server = RegistryServer.start(directory.resolve("store"));
    client = server.client();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void requestsAreCountedByTheTemplateOfTheirPathWhoeverAnswersThem() {
    TestImage image = TestImage.base("counted", "layer").push(client);
    for (int i = 0; i < 3; i++) {
      assertThat(
              client
                  .put("/v1/repositories/team/app" + i + "/tags/latest", '"' + image.id() + '"')
                  .status())
          .isEqualTo(200);
      assertThat(client.get("/v1/repositories/team/app" + i + "/tags/latest").status())
          .isEqualTo(200);
      assertThat(client.get("/v1/repositories/team/app" + i + "/tags/none").status())
          .isEqualTo(404);
    }
    assertThat(client.get("/v1/repositories/app/tags/latest").status())
        .as("a name without a namespace belongs to the same route")
        .isEqualTo(404);
    assertThat(client.delete("/v1/images/" + image.id() + "/json").status())
        .as("refused before any controller is found")
        .isEqualTo(405);

    await()
        .untilAsserted(
            () -> {
              Scrape scrape = Scrape.of(client);
              assertThat(scrape.sum(COUNT, "route", TAG, "method", "GET", "status", "200"))
                  .isEqualTo(3);
              assertThat(scrape.sum(COUNT, "route", TAG, "method", "GET", "status", "404"))
                  .isEqualTo(4);
              assertThat(scrape.sum(COUNT, "route", TAG, "method", "PUT", "status", "200"))
                  .isEqualTo(3);
              assertThat(
                      scrape.sum(
                          COUNT,
                          "route",
                          "/v1/images/{id}/json",
                          "method",
                          "DELETE",
                          "status",
                          "405"))
                  .isEqualTo(1);
            });
    assertThat(Scrape.of(client).values("registry_http_requests_seconds_bucket", "le"))
        .as("few buckets")
        .hasSize(8)
        .contains("0.005", "60.0", "+Inf");
  }

  @Test
  void whateverClientsSendTheNumberOfSeriesIsThatOfTheRoutes() throws Exception {
    for (int i = 0; i < 20; i++) {
      client.get("/nowhere/" + i);
      client.get("/v2/" + i + "/manifests/latest");
      client.send("BREW" + i, "/v1/images/" + i + "/json", BodyPublishers.noBody());
      client.send("BREW" + i, "/pot/" + i, BodyPublishers.noBody());
      client.get("/v1/images/%ff" + i + "/json");
    }
    for (String request :
        new String[] {
          "GARBAGE\r\n\r\n",
          "GET /../../etc HTTP/1.1\r\nHost: x\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
          "GET /\u00ff HTTP/1.1\r\nHost: x\r\n\r\n",
          "G\u0001T / HTTP/1.1\r\nHost: x\r\n\r\n"
        }) {
      assertThat(RawConnection.exchange(server.port(), request)).startsWith("HTTP/1.1 400");
    }

    await()
        .untilAsserted(
            () -> {
              Scrape scrape = Scrape.of(client);
              assertThat(scrape.sum(COUNT, "route", "malformed", "status", "400"))
                  .as("also what Tomcat refuses itself, and paths that are no UTF-8")
                  .isGreaterThanOrEqualTo(25);
              assertThat(scrape.sum(COUNT, "route", "unmatched", "status", "404"))
                  .isGreaterThanOrEqualTo(40);
              assertThat(scrape.sum(COUNT, "route", "/v1/images/{id}/json", "method", "other"))
                  .isEqualTo(20);
            });
    Scrape scrape = Scrape.of(client);
    assertThat(scrape.values(COUNT, "method"))
        .isSubsetOf("GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS", "PATCH", "other");
    assertThat(scrape.values(COUNT, "route"))
        .contains("unmatched", "malformed")
        .noneMatch(route -> route.replaceFirst("^/v[12]/", "/").matches(".*[0-9].*"));
    assertThat(scrape.samples()).noneMatch(sample -> sample.name().startsWith("http_server"));
  }

  @Test
  void bytesAreCountedInAndOutAlsoThoseThatTheOperatingSystemSends() {
    byte[] layer = new byte[LAYER];
    new Random(3).nextBytes(layer);
    TestImage image = TestImage.of("bytes", "", layer);
    Scrape before = Scrape.of(client);

    image.push(client);
    assertThat(client.get(image.path("layer")).bytes()).isEqualTo(layer);
    assertThat(client.get(image.path("layer"), "Range", "bytes=0-99999").status()).isEqualTo(206);
    assertThat(client.get(image.path("layer"), "Range", "bytes=0-999").status()).isEqualTo(206);
    assertThat(client.head(image.path("layer")).status()).isEqualTo(200);

    await()
        .untilAsserted(
            () -> {
              Scrape after = Scrape.of(client);
              assertThat(bytes(after, "out", "layer") - bytes(before, "out", "layer"))
                  .isBetween(LAYER + 101_000.0, LAYER + 101_100.0);
              assertThat(bytes(after, "in", "layer") - bytes(before, "in", "layer"))
                  .isEqualTo(LAYER);
              assertThat(bytes(after, "in", "metadata") - bytes(before, "in", "metadata"))
                  .isEqualTo(image.json().length);
              assertThat(bytes(after, "out", "metadata"))
                  .isGreaterThan(bytes(before, "out", "metadata"));
            });
  }

  @Test
  void anUploadUnderWayIsCounted() throws Exception {
    TestImage image = TestImage.base("under way", "a layer");
    assertThat(image.putJson(client).status()).isEqualTo(200);
    try (RawConnection upload = new RawConnection(server.port())) {
      upload.send(
          "PUT "
              + image.path("layer")
              + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
      await().untilAsserted(() -> assertThat(uploads()).isEqualTo(1));
      assertThat(Scrape.of(client).sum("registry_http_active")).isGreaterThanOrEqualTo(2);
      upload.send("0\r\n\r\n");
      assertThat(upload.readHead()).contains("200");
    }
    await().untilAsserted(() -> assertThat(uploads()).isZero());
  }

  @Test
  void callsOfTheStoreAreCountedByWhatTheyAreAndHowTheyEnd() {
    Scrape before = Scrape.of(client);

    TestImage image = TestImage.base("stored", "layer").push(client);
    assertThat(client.get(image.path("json")).status()).isEqualTo(200);
    assertThat(client.get("/v1/images/" + TestImage.id("nobody") + "/json").status())
        .isEqualTo(404);

    Scrape after = Scrape.of(client);
    assertThat(calls(after, "write", "ok") - calls(before, "write", "ok"))
        .isGreaterThanOrEqualTo(4);
    assertThat(calls(after, "read", "not-found")).isGreaterThan(calls(before, "read", "not-found"));
    assertThat(after.values("registry_storage_calls_seconds_count", "outcome"))
        .containsExactlyInAnyOrder(
            "ok", "not-found", "full", "denied", "read-only", "unavailable", "broken");
  }

  private static double calls(Scrape scrape, String operation, String outcome) {
    return scrape.sum(
        "registry_storage_calls_seconds_count", "operation", operation, "outcome", outcome);
  }

  private static double uploads() {
    return Scrape.of(client).sum("registry_uploads_active");
  }

  private static double bytes(Scrape scrape, String direction, String content) {
    return scrape.sum("registry_http_bytes_total", "direction", direction, "content", content);
  }
}
