package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.testkit.RawConnection;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds for many routes: their spellings, methods, headers and conditions. */
class RouteHttpTest {
  private static final String REPOSITORY = "/v1/repositories/foo/routes";

  @TempDir static Path store;
  private static RegistryServer server;
  private static TestClient client;
  private static TestImage image;

  @BeforeAll
  static void start() {
    server = RegistryServer.start(store);
    client = server.client();
    image = TestImage.base("routes", "0123456789").push(client);
    assertThat(client.put(REPOSITORY + "/", "[{\"id\": \"%s\"}]".formatted(image.id())).status())
        .isEqualTo(200);
    assertThat(client.put(REPOSITORY + "/tags/latest", '"' + image.id() + '"').status())
        .isEqualTo(200);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  static List<String> readable() {
    return List.of(
        "/",
        "/_ping",
        "/v1/_ping",
        "/_status",
        "/v1/_status",
        "/v1/users",
        image.path("json"),
        image.path("layer"),
        image.path("ancestry"),
        REPOSITORY + "/images",
        REPOSITORY + "/tags",
        REPOSITORY + "/tags/latest",
        REPOSITORY + "/tags/latest/json",
        REPOSITORY + "/json",
        REPOSITORY + "/properties");
  }

  @Test
  void headIsAnsweredAsGetWithoutTheBody() {
    for (String path : readable()) {
      Answer get = client.get(path);
      Answer head = client.head(path);
      assertThat(get.status()).as(path).isEqualTo(200);
      assertThat(head.status()).as(path).isEqualTo(200);
      assertThat(head.bytes()).as(path).isEmpty();
      for (String header :
          List.of(
              "Content-Length",
              "Content-Type",
              "Cache-Control",
              "ETag",
              "Last-Modified",
              "Accept-Ranges",
              "X-Docker-Size",
              "X-Docker-Checksum-Payload",
              "X-Docker-Registry-Version")) {
        assertThat(head.header(header)).as(path + " " + header).isEqualTo(get.header(header));
      }
    }
  }

  @Test
  void withoutAccountsThereIsNoApiForThem() {
    for (String path : List.of("/api/users", "/api/openapi.json")) {
      assertThat(client.get(path)).hasToString("404 {\"error\": \"Not Found\"}");
    }
  }

  @Test
  void aSlashAtTheEndMakesNoDifference() {
    for (String path : readable()) {
      if (path.matches("/v1/repositories/.*/(images|tags|json|properties)")) {
        // With a slash at the end, the word is the name of a repository.
        continue;
      }
      for (String slashes : path.equals("/") ? List.of("/") : List.of("/", "//")) {
        assertThat(client.get(path + slashes).status()).as(path + slashes).isEqualTo(200);
      }
    }
  }

  @Test
  void slashesInFrontMakeNoDifference() {
    for (String path : readable()) {
      assertThat(client.get("/" + path).status()).as(path).isEqualTo(200);
    }
  }

  @Test
  void aMethodThatARouteDoesNotKnowIsRefusedWithThoseItKnows() {
    for (String path : readable()) {
      Answer answer = client.send("PATCH", path, BodyPublishers.ofString("x"));
      assertThat(answer).hasToString("405 {\"error\": \"Method Not Allowed\"}");
      assertThat(answer.header("Content-Type")).isEqualTo("application/json");
      Set<String> allowed = methods(answer.header("Allow"));
      assertThat(allowed).as(path).contains("GET", "HEAD", "OPTIONS");
      Answer options = client.send("OPTIONS", path, BodyPublishers.noBody());
      assertThat(options.status()).isEqualTo(200);
      assertThat(methods(options.header("Allow"))).as(path).isEqualTo(allowed);
    }
    assertThat(client.get(REPOSITORY)).hasToString("405 {\"error\": \"Method Not Allowed\"}");
    assertThat(client.get(image.path("checksum")))
        .hasToString("405 {\"error\": \"Method Not Allowed\"}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1",
        "/v1/",
        "/v1/nothing",
        "/v1/images",
        "/v1/images/x",
        "/v1/repositories",
        "/nothing",
        "/error/x",
        "/favicon.ico",
        "/index.html"
      })
  void whatIsNoRouteIsNotFound(String path) {
    for (String method : List.of("GET", "POST", "PUT", "DELETE")) {
      Answer answer = client.send(method, path, BodyPublishers.noBody(), "Accept", "text/html");
      assertThat(answer).as(method).hasToString("404 {\"error\": \"Not Found\"}");
      assertThat(answer.header("Content-Type")).isEqualTo("application/json");
      assertThat(answer.headers("Docker-Distribution-Api-Version")).isEmpty();
    }
  }

  @Test
  void nothingIsAddedForBrowsers() {
    assertThat(client.put(REPOSITORY + "/tags/v1.html", '"' + image.id() + '"').status())
        .isEqualTo(200);
    Answer answer = client.get(REPOSITORY + "/tags/v1.html");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.headers("Content-Disposition")).isEmpty();
    Answer options = client.send("OPTIONS", "/v1/_ping", BodyPublishers.noBody());
    assertThat(options.headers("Accept-Patch")).isEmpty();
  }

  @Test
  void whatMayChangeIsNotCached() {
    for (String path : List.of("/v1/_ping", REPOSITORY + "/tags", "/v1/nothing")) {
      Answer answer = client.get(path);
      assertThat(answer.header("Cache-Control")).as(path).isEqualTo("no-cache");
      assertThat(answer.header("Pragma")).as(path).isEqualTo("no-cache");
      assertThat(answer.header("Expires")).as(path).isEqualTo("-1");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"json", "layer", "ancestry"})
  void theFinishedPartsOfAnImageAreCachedForAYear(String part) {
    Answer answer = client.get(image.path(part));
    assertThat(answer.header("Cache-Control")).isEqualTo("public, max-age=31536000");
    assertThat(answer.header("Last-Modified")).isEqualTo("Thu, 01 Jan 1970 00:00:00 GMT");
    assertThat(answer.header("Pragma")).isEmpty();
    Instant expires =
        ZonedDateTime.parse(answer.header("Expires"), DateTimeFormatter.RFC_1123_DATE_TIME)
            .toInstant();
    assertThat(expires)
        .isBetween(
            Instant.now().plus(Duration.ofDays(364)), Instant.now().plus(Duration.ofDays(366)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"json", "layer", "ancestry"})
  void whatTheClientHasIsNotSentAgain(String part) {
    String etag = client.get(image.path(part)).header("ETag");
    assertThat(etag).startsWith("\"").endsWith("\"");
    for (String[] condition :
        List.of(
            new String[] {"If-None-Match", etag},
            new String[] {"If-None-Match", "\"other\", W/" + etag},
            new String[] {"If-None-Match", "*"},
            new String[] {"If-Modified-Since", "Thu, 01 Jan 1970 00:00:00 GMT"},
            new String[] {"If-Modified-Since", "Mon, 23 Nov 2026 00:00:00 GMT"})) {
      Answer answer = client.get(image.path(part), condition);
      assertThat(answer.status()).as(condition[1]).isEqualTo(304);
      assertThat(answer.bytes()).isEmpty();
      assertThat(answer.header("ETag")).isEqualTo(etag);
      assertThat(answer.header("Cache-Control")).isEqualTo("public, max-age=31536000");
    }
    for (String[] condition :
        List.of(
            new String[] {"If-None-Match", "\"other\""},
            new String[] {"If-None-Match", "\"other\"", "If-Modified-Since", "now"},
            new String[] {
              "If-None-Match", "\"other\"", "If-Modified-Since", "Mon, 23 Nov 2026 00:00:00 GMT"
            },
            new String[] {"If-Modified-Since", "garbage"})) {
      assertThat(client.get(image.path(part), condition).status()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @CsvSource({"json", "layer", "ancestry"})
  void aConditionDoesNotHideThatAnImageIsMissingOrUnfinished(String part) {
    TestImage unfinished = TestImage.base("unfinished", "x");
    TestImage unknown = TestImage.base("unknown", "x");
    assertThat(unfinished.putJson(client).status()).isEqualTo(200);
    for (String[] condition :
        List.of(
            new String[] {"If-Modified-Since", "Mon, 23 Nov 2026 00:00:00 GMT"},
            new String[] {"If-None-Match", "*"})) {
      assertThat(client.get(unknown.path(part), condition))
          .hasToString("404 {\"error\": \"Image not found\"}");
      assertThat(client.get(unfinished.path(part), condition))
          .hasToString("400 {\"error\": \"Image is being uploaded, retry later\"}");
    }
  }

  @Test
  void aRangeOfALayerIsOnlySentOfTheLayerThatTheClientKnows() {
    String etag = client.get(image.path("layer")).header("ETag");
    assertThat(client.get(image.path("layer"), "Range", "bytes=2-3", "If-Range", etag))
        .hasToString("206 23");
    assertThat(client.get(image.path("layer"), "Range", "bytes=2-3", "If-Range", "\"other\""))
        .hasToString("200 0123456789");
    assertThat(
            client.get(image.path("layer"), "Range", "bytes=99-", "If-None-Match", etag).status())
        .isEqualTo(304);
  }

  @Test
  void aLargeLayerIsSentWholeAndInRanges() {
    byte[] bytes = new byte[3_000_000];
    new Random(1).nextBytes(bytes);
    TestImage large = TestImage.of("large", "", bytes).push(client);
    assertThat(client.get(large.path("layer")).bytes()).isEqualTo(bytes);
    Answer part = client.get(large.path("layer"), "Range", "bytes=1000000-3000000");
    assertThat(part.status()).isEqualTo(206);
    assertThat(part.header("Content-Range")).isEqualTo("bytes 1000000-2999999/3000000");
    assertThat(part.bytes()).isEqualTo(Arrays.copyOfRange(bytes, 1_000_000, 3_000_000));
    assertThat(client.head(large.path("layer")).header("Content-Length")).isEqualTo("3000000");
  }

  @Test
  void theIndexAnswersWithATokenAndItsEndpoints() {
    String list = "[{\"id\": \"%s\"}]".formatted(image.id());
    for (Answer answer :
        List.of(
            client.put("/v1/repositories/foo/index/", list),
            client.put("/v1/repositories/foo/index/images", "[]"))) {
      assertIndexHeaders(answer, "foo/index", "write");
    }
    assertIndexHeaders(client.get("/v1/repositories/foo/index/images"), "foo/index", "read");
    assertIndexHeaders(client.delete("/v1/repositories/foo/index/images"), "foo/index", "delete");
    assertIndexHeaders(client.put("/v1/repositories/onename/", list), "library/onename", "write");
    assertIndexHeaders(client.put("/v1/repositories/a/b/c/", list), "a/b%2Fc", "write");
  }

  @Test
  void configuredEndpointsAreToldInPlaceOfTheHost(@TempDir Path other) {
    try (RegistryServer configured =
        RegistryServer.start(
            other, "--registry.endpoints=one.example:5000,two.example", "--registry.issue=mine")) {
      TestClient its = configured.client();
      assertThat(its.put("/v1/repositories/a/b/", "[]").header("X-Docker-Endpoints"))
          .isEqualTo("one.example:5000,two.example");
      assertThat(its.get("/")).hasToString("200 \"mine\"");
    }
  }

  @Test
  void jsonThatIsTooLargeIsRefused(@TempDir Path other) {
    try (RegistryServer small = RegistryServer.start(other, "--registry.limits.json-size=1KB")) {
      TestClient its = small.client();
      String large =
          "{\"id\": \"%s\", \"comment\": \"%s\"}".formatted(image.id(), "x".repeat(2000));
      for (Answer answer :
          List.of(
              its.put(image.path("json"), large),
              its.putChunked(
                  image.path("json"),
                  () -> new ByteArrayInputStream(large.getBytes(StandardCharsets.UTF_8))))) {
        assertThat(answer).hasToString("413 {\"error\": \"The JSON is larger than 1024 bytes\"}");
      }
      assertThat(its.put("/v1/repositories/a/b/", large).status()).isEqualTo(413);
      assertThat(its.put("/v1/repositories/a/b/tags/t", large).status()).isEqualTo(413);
      assertThat(its.put("/v1/repositories/a/b/properties", large).status()).isEqualTo(413);
      assertThat(its.post("/v1/users/", large).status()).isEqualTo(413);
      assertThat(its.get(image.path("json")).status()).isEqualTo(404);
    }
  }

  @Test
  void theStatusTellsWhatIsTriedOut() {
    Answer status = client.get("/v1/_status");
    assertThat(status.status()).isEqualTo(200);
    assertThat(status.text())
        .startsWith("{\"failures\": {}, \"host\": \"")
        .endsWith("\", \"services\": [\"storage\"]}");
  }

  @Test
  void anImageCanHaveSoManyAncestorsAndNoMore() {
    TestImage parent = TestImage.base("depth0", "x").push(client);
    for (int depth = 1; depth < 128; depth++) {
      parent = TestImage.child("depth" + depth, parent, "x").push(client);
    }
    assertThat(client.get(parent.path("ancestry")).text().split(",", -1)).hasSize(128);
    TestImage tooDeep = TestImage.child("depth128", parent, "x");
    assertThat(tooDeep.putJson(client))
        .hasToString("400 {\"error\": \"Image has more than 127 ancestors\"}");
    assertThat(client.get(tooDeep.path("json")).status()).isEqualTo(404);
  }

  @Test
  void anImageCannotBeItsOwnAncestor() {
    TestImage one = TestImage.base("circle1", "x");
    assertThat(one.putJson(client).status()).isEqualTo(200);
    TestImage two = TestImage.child("circle2", one, "x");
    assertThat(two.putJson(client).status()).isEqualTo(200);
    TestImage again = TestImage.of("circle1", two.id(), one.layer());
    assertThat(again.putJson(client)).hasToString("400 {\"error\": \"Image depends on itself\"}");
  }

  @Test
  void aLostLayerIsTakenBackOnlyWhenItIsTheSame() throws IOException {
    TestImage lost = TestImage.base("lost layer", "precious").push(client);
    Files.delete(store.resolve("images").resolve(lost.id()).resolve("layer"));
    assertThat(client.get(lost.path("layer")).status()).isEqualTo(404);
    assertThat(client.get(lost.path("json")).header("X-Docker-Size")).isEmpty();
    assertThat(client.put(REPOSITORY + "/tags/lost", '"' + lost.id() + '"'))
        .hasToString("400 {\"error\": \"Image is not complete\"}");
    TestImage forged = lost.withLayer("forged".getBytes(StandardCharsets.UTF_8));
    assertThat(forged.putLayer(client)).hasToString("400 {\"error\": \"Checksum mismatch\"}");
    assertThat(client.get(lost.path("layer")).status()).isEqualTo(404);
    assertThat(lost.putLayer(client).status()).isEqualTo(200);
    assertThat(client.get(lost.path("layer")).bytes()).isEqualTo(lost.layer());
  }

  @Test
  void anImageThatLostItsLayerCanBePushedAnew() throws IOException {
    TestImage lost = TestImage.base("lost and found", "precious").push(client);
    assertThat(client.get(lost.path("ancestry")).status()).isEqualTo(200);
    Files.delete(store.resolve("images").resolve(lost.id()).resolve("layer"));
    assertThat(lost.putJson(client).status()).isEqualTo(200);
    assertThat(client.get(lost.path("layer")).status()).isEqualTo(400);
    TestImage other = lost.withLayer("other".getBytes(StandardCharsets.UTF_8));
    assertThat(other.putLayer(client).status()).isEqualTo(200);
    assertThat(other.putChecksum(client).status()).isEqualTo(200);
    assertThat(client.get(lost.path("layer")).bytes()).isEqualTo(other.layer());
  }

  @Test
  void aLostLayerComesTooLateWhenTheImageWasPushedAnew() throws IOException {
    TestImage lost = TestImage.base("lost too long", "first").push(client);
    TestImage other = lost.withLayer("other".getBytes(StandardCharsets.UTF_8));
    Files.delete(store.resolve("images").resolve(lost.id()).resolve("layer"));
    try (RawConnection upload = new RawConnection(client.port())) {
      upload.send(
          "PUT %s HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"
              .formatted(lost.path("layer")));
      assertThat(upload.readHead()).startsWith("HTTP/1.1 100");
      other.push(client);
      upload.send("first");
      assertThat(upload.readHead()).startsWith("HTTP/1.1 409");
    }
    assertThat(client.get(lost.path("layer")).bytes()).isEqualTo(other.layer());
  }

  @Test
  void anAncestryFollowsTheImage() throws IOException {
    TestImage one = TestImage.base("parent one", "1").push(client);
    TestImage two = TestImage.base("parent two", "2").push(client);
    TestImage child = TestImage.child("moving child", one, "c").push(client);
    assertThat(client.get(child.path("ancestry")).text()).contains(one.id());
    Files.delete(store.resolve("images").resolve(child.id()).resolve("layer"));
    TestImage.child("moving child", two, "c").push(client);
    assertThat(client.get(child.path("ancestry")).text()).contains(two.id());
  }

  @Test
  void jsonOfTooManyPartsIsRefused() {
    String many = "[" + "[],".repeat(600_000) + "[]]";
    assertThat(client.put("/v1/repositories/many/parts/", many))
        .hasToString("400 {\"error\": \"Error Decoding JSON\"}");
    assertThat(client.put(image.path("json"), many))
        .hasToString("400 {\"error\": \"Invalid JSON\"}");
  }

  @Test
  void aChecksumOnFileIsNotBelievedUnseen() throws IOException {
    TestImage image = TestImage.base("claimed", "what was meant");
    Path folder = Files.createDirectories(store.resolve("images").resolve(image.id()));
    Files.write(folder.resolve("json"), image.json());
    Files.writeString(folder.resolve("ancestry"), "[\"" + image.id() + "\"]");
    Files.writeString(folder.resolve("layer"), "what was");
    Files.writeString(folder.resolve("_checksum"), image.checksum());
    Files.writeString(folder.resolve("_inprogress"), "true");
    assertThat(image.putChecksum(client)).hasToString("400 {\"error\": \"Checksum mismatch\"}");
    assertThat(image.putLayer(client).status()).isEqualTo(200);
    assertThat(image.putChecksum(client).status()).isEqualTo(200);
    assertThat(client.get(image.path("layer")).bytes()).isEqualTo(image.layer());
  }

  private static void assertIndexHeaders(Answer answer, String repository, String access) {
    assertThat(answer.status()).isIn(200, 204);
    assertThat(answer.header("X-Docker-Token"))
        .matches(
            "Token signature=[A-Z0-9]{16},repository=\"%s\",access=%s"
                .formatted(repository, access));
    assertThat(answer.header("WWW-Authenticate")).isEqualTo(answer.header("X-Docker-Token"));
    assertThat(answer.header("X-Docker-Endpoints")).isEqualTo("127.0.0.1:" + server.port());
  }

  private static Set<String> methods(String allow) {
    return new TreeSet<>(List.of(allow.toUpperCase(Locale.ROOT).split(",\\s*", -1)));
  }
}
