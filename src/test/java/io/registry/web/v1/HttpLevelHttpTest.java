package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.testkit.RawAnswer;
import io.registry.testkit.RawConnection;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What no well-behaved client sends: it is refused as JSON, never changes the store, and leaves the
 * connection usable where HTTP and the server allow it (protocol 2.0).
 */
@ExtendWith(OutputCaptureExtension.class)
class HttpLevelHttpTest {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String HOST = "Host: localhost\r\n";
  private static final String PING = "GET /v1/_ping HTTP/1.1\r\n" + HOST + "\r\n";
  private static final String REPOSITORY = "/v1/repositories/foo/bar/";
  private static final String CHUNKED = "Transfer-Encoding: chunked\r\n";
  private static final String EXPECT = "Expect: 100-continue\r\n";

  @TempDir private static Path store;

  private static RegistryServer server;
  private static TestImage complete;
  private static TestImage begun;

  private Map<String, String> before = Map.of();

  @BeforeAll
  static void start() {
    // Who remembers what is kept in the store, too, and may be written at any moment.
    server =
        RegistryServer.start(
            store,
            "--registry.cache.tags-ttl=0",
            "--registry.cache.images-ttl=0",
            "--registry.trash.keep=0s");
    complete = TestImage.base("complete", "layer").push(server.client());
    begun = TestImage.base("begun", "layer");
    begun.putJson(server.client());
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void rememberTheStore() throws IOException {
    before = files();
  }

  @AfterEach
  void theStoreIsUnchanged() throws IOException {
    assertThat(files()).isEqualTo(before);
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void aMalformedRequestIsRefusedAsJson(String what, int status, String request)
      throws IOException {
    assertRefused(ask(request), status);
  }

  private static Stream<Arguments> malformed() {
    String many =
        String.join("", IntStream.range(0, 300).mapToObj(i -> "X" + i + ": a\r\n").toList());
    return Stream.of(
        Arguments.of("garbage", 400, "garbage\r\n\r\n"),
        Arguments.of("a sentence", 400, "this is not HTTP at all\r\n\r\n"),
        Arguments.of("control characters", 400, "\u0001\u0002\u0003\r\n\r\n"),
        Arguments.of("version two", 505, "GET /v1/_ping HTTP/2.0\r\n" + HOST + "\r\n"),
        Arguments.of("odd version", 505, "GET /v1/_ping HTTP/1.2\r\n" + HOST + "\r\n"),
        Arguments.of("another protocol", 400, "GET /v1/_ping FTP/1.1\r\n" + HOST + "\r\n"),
        Arguments.of("no host", 400, "GET /v1/_ping HTTP/1.1\r\n\r\n"),
        Arguments.of("two hosts", 400, get("Host: other\r\n")),
        Arguments.of("odd host", 400, "GET /v1/_ping HTTP/1.1\r\nHost: a b/..\r\n\r\n"),
        Arguments.of(
            "another host in the target",
            400,
            "GET http://example.com/v1/_ping HTTP/1.1\r\n" + HOST + "\r\n"),
        Arguments.of("header over the limit", 400, get("X: " + "a".repeat(20_000) + "\r\n")),
        Arguments.of("too many headers", 400, get(many)),
        Arguments.of("header without colon", 400, get("Nonsense\r\n")),
        Arguments.of("space before the colon", 400, get("Foo : bar\r\n")),
        Arguments.of("header with NUL", 400, get("Foo: b\0ar\r\n")),
        Arguments.of("header with a control character", 400, get("Foo: b\u0001ar\r\n")),
        Arguments.of("word as length", 400, put("Content-Length: abc\r\n", "[]")),
        Arguments.of("negative length", 400, put("Content-Length: -1\r\n", "[]")),
        Arguments.of("length with sign", 400, put("Content-Length: +2\r\n", "[]")),
        Arguments.of(
            "length beyond a long", 400, put("Content-Length: 99999999999999999999\r\n", "")),
        Arguments.of("two lengths", 400, put("Content-Length: 2\r\nContent-Length: 3\r\n", "[]")),
        Arguments.of("list of lengths", 400, put("Content-Length: 2, 2\r\n", "[]")),
        Arguments.of("odd coding", 501, put("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n")),
        Arguments.of("gzip coding", 501, put("Transfer-Encoding: gzip, chunked\r\n", "")),
        Arguments.of("odd expectation", 417, put("Expect: wonders\r\nContent-Length: 2\r\n", "[]")),
        Arguments.of("target without slash", 400, "GET v1/_ping HTTP/1.1\r\n" + HOST + "\r\n"),
        Arguments.of("asterisk", 400, "GET * HTTP/1.1\r\n" + HOST + "\r\n"),
        Arguments.of("proxying", 501, "CONNECT example.com:80 HTTP/1.1\r\n" + HOST + "\r\n"));
  }

  @ParameterizedTest
  @MethodSource("brokenBodies")
  void aBodyThatIsBrokenIsRefusedAsJson(
      String what, String headers, String body, CapturedOutput log) throws IOException {
    RawAnswer layer = ask(request("PUT", begun.path("layer"), headers, body));
    RawAnswer json = ask(request("PUT", REPOSITORY, headers, body));

    assertRefused(layer, 400);
    assertThat(layer.text())
        .isEqualTo("{\"error\": \"The layer broke off before its end and was not kept\"}");
    assertRefused(json, 400);
    assertThat(json.text()).isEqualTo("{\"error\": \"The request body broke off before its end\"}");
    assertThat(log).contains("broke off").doesNotContain(" ERROR ", "\tat ");
  }

  private static Stream<Arguments> brokenBodies() {
    return Stream.of(
        Arguments.of("no number", CHUNKED, "zz\r\n[]\r\n0\r\n\r\n"),
        Arguments.of("negative", CHUNKED, "-2\r\n[]\r\n0\r\n\r\n"),
        Arguments.of("empty size", CHUNKED, "\r\n[]\r\n0\r\n\r\n"),
        Arguments.of("beyond a long", CHUNKED, "fffffffffffffffff\r\n[]\r\n0\r\n\r\n"),
        Arguments.of("chunk longer than told", CHUNKED, "2\r\n[]]\r\n0\r\n\r\n"),
        Arguments.of("cut inside of a chunk", CHUNKED, "5\r\n[]"),
        Arguments.of("last chunk missing", CHUNKED, "2\r\n[]\r\n"),
        Arguments.of("long extension", CHUNKED, "2;" + "a".repeat(20_000) + "\r\n[]\r\n0\r\n\r\n"),
        Arguments.of("malformed trailer", CHUNKED, "2\r\n[]\r\n0\r\nX\r\n\r\n"),
        Arguments.of(
            "long trailer", CHUNKED, "2\r\n[]\r\n0\r\nX: " + "a".repeat(20_000) + "\r\n\r\n"),
        Arguments.of("length not reached", "Content-Length: 10\r\n", "[]"));
  }

  @ParameterizedTest
  @MethodSource("oddPaths")
  void anOddPathLeadsNowhere(String path) throws IOException {
    for (String method : List.of("GET", "PUT", "DELETE", "POST")) {
      RawAnswer answer = ask(request(method, path, "Content-Length: 2\r\n", "[]"));

      assertThat(answer.status()).as(method + " " + path).isBetween(400, 405);
      assertJsonError(answer);
    }
  }

  private static Stream<String> oddPaths() {
    String id = complete.id();
    String tags = "/v1/repositories/foo/bar/tags/";
    return Stream.of(
        "/v1/repositories/%2e%2e/%2e%2e/",
        "/v1/repositories/../../",
        "/v1/repositories/..",
        "/v1/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/v1/repositories/a/..%2F..%2Fx/",
        "/v1/repositories/a/%2e%2e/b/",
        "/v1/repositories/a/b%00/",
        "/v1/repositories/a/b\0/",
        "/v1/repositories/a/b%0A/",
        "/v1/repositories/a/b%0D%0Ac/",
        "/v1/repositories/a/b\\c/",
        "/v1/repositories/a/b%5Cc/",
        "/v1/repositories/a/%7F/",
        "/v1/repositories/a/" + "b".repeat(300) + "/",
        "/v1/repositories/" + "a".repeat(300) + "/b/",
        "/v1/repositories/a/" + "b".repeat(30_000) + "/",
        "/v1/repositories/a/" + "b/".repeat(150),
        "/v1/repositories/a/b%FF/",
        "/v1/repositories/a/b%C0%AE/",
        "/v1/repositories/a/b\u00ff/",
        "/v1/repositories/a/b%C3%A9/",
        "/v1/repositories/a/b%/",
        "/v1/repositories/a/b%zz/",
        "/v1/repositories/a/b%u0041/",
        "/v1/repositories/a/b c/",
        "/v1/repositories/a/b\"<>/",
        "/v1/repositories/a/b#c/",
        "/v1/repositories/",
        "/v1/repositories",
        "/v1/repositories//",
        "/v1/images/%2e%2e/json",
        "/v1/images/../json",
        "/v1/images/..%2F" + id + "/json",
        "/v1/images/" + id + "%0A/layer",
        "/v1/images/" + id + "%00/layer",
        "/v1/images/" + id + "%2Fjson/layer",
        "/v1/images/" + id.toUpperCase(Locale.ROOT) + "x/json",
        "/v1/images/" + "a".repeat(5_000) + "/checksum",
        "/v1/images/%FF/ancestry",
        "/v1/images/" + id + "/nothing",
        "/v1/images/" + id,
        "/v1/images",
        tags + "a%00b",
        tags + "a%0Ab",
        tags + "-a",
        tags + "t".repeat(300),
        tags + "a\\b",
        tags + "a|b",
        tags + "%FF",
        "/v1/users/x%00/",
        "/v1/_ping%00",
        "/v1/_ping%0A",
        "/v1//_ping",
        "/v1/./_ping",
        "/nothing",
        "/error",
        "/%FF",
        "/%");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "POST  | /v1/_ping                     | GET",
        "FOO   | /v1/_ping                     | GET",
        "get   | /v1/_ping                     | GET",
        "PATCH | /v1/images/ID/json            | GET,PUT",
        "DELETE| /v1/images/ID/layer           | GET,PUT",
        "GET   | /v1/images/ID/checksum        | PUT",
        "PUT   | /v1/images/ID/ancestry        | GET",
        "GET   | /v1/repositories/foo/bar/     | DELETE,PUT",
        "POST  | /v1/repositories/foo/bar/tags | DELETE,GET",
        "FOO   | /v1/repositories/foo/bar/tags/v1 | DELETE,GET,PUT",
        "DELETE| /v1/users/                    | GET,POST"
      })
  void aMethodThatThePathDoesNotHaveIsNamedWithThoseThatItHas(
      String method, String path, String allowed) throws IOException {
    try (RawConnection connection = new RawConnection(server.port())) {
      connection.send(
          request(method, path.replace("ID", complete.id()), "Content-Length: 2\r\n", "{}"));
      RawAnswer answer = RawAnswer.read(connection, method);

      assertThat(answer.status()).isEqualTo(405);
      assertThat(answer.header("Allow").split(", *")).contains(allowed.split(","));
      assertJsonError(answer);
      assertThatItIsUsable(connection);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/_ping", "/nothing"})
  void aTraceIsNotEchoed(String path) throws IOException {
    RawAnswer answer = ask(request("TRACE", path, "X-Secret: abc\r\n", ""));

    assertRefused(answer, 405);
    assertThat(answer.text()).doesNotContain("abc");
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "POST", "PUT", "DELETE", "FOO"})
  void anUnknownRouteSkipsTheBodyAndKeepsTheConnection(String method) throws IOException {
    try (RawConnection connection = new RawConnection(server.port())) {
      connection.send(request(method, "/v1/nothing", "Content-Length: 5\r\n", "hello"));
      assertRefused(RawAnswer.read(connection, method), 404);

      connection.send(request(method, "/v1/nothing", CHUNKED, "5\r\nhello\r\n0\r\n\r\n"));
      assertRefused(RawAnswer.read(connection, method), 404);

      assertThatItIsUsable(connection);
    }
  }

  @Test
  void aLayerThatIsRefusedIsSkippedAndTheConnectionKept() throws IOException {
    String layer = "x".repeat(200_000);
    try (RawConnection connection = new RawConnection(server.port())) {
      connection.send(request("PUT", complete.path("layer"), "Content-Length: 200000\r\n", layer));
      assertRefused(RawAnswer.read(connection, "PUT"), 409);

      assertThatItIsUsable(connection);
    }
  }

  @Test
  void requestsThatComeAtOnceAreAnsweredInTurn() throws IOException {
    String unknown = request("GET", "/v1/nothing", "", "");
    try (RawConnection connection = new RawConnection(server.port())) {
      connection.send(PING + unknown + PING);

      assertThat(RawAnswer.read(connection, "GET").text()).isEqualTo("{}");
      assertRefused(RawAnswer.read(connection, "GET"), 404);
      assertThat(RawAnswer.read(connection, "GET").text()).isEqualTo("{}");
      assertThatItIsUsable(connection);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET http://localhost/v1/_ping HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /v1/_ping HTTP/1.0\r\nHost: localhost\r\n\r\n",
        "GET /v1/_ping HTTP/1.0\r\n\r\n",
        "\r\nGET /v1/_ping HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /v1/_ping HTTP/1.1\nHost: localhost\n\n",
        "GET /v1/_ping HTTP/1.1\r\nHost:\r\n\r\n",
        "GET /v1/_ping HTTP/1.1\r\nHost: [::1]:5000\r\n\r\n",
        "GET /v1/_ping HTTP/1.1\r\nHost: localhost\r\nFoo: caf\u00e9\r\n\r\n",
        "GET //v1/_ping HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /v1/%5fping HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /v1/_ping?a=%zz&b HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /v1/_ping HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}"
      })
  void anUnusualRequestThatIsWellFormedIsAnswered(String request) throws IOException {
    RawAnswer answer = ask(request);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.text()).isEqualTo("{}");
  }

  /** The first HTTP had no status: a client could not tell an error from what it asked for. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET /v1/_ping                   | ''",
        "GET /nothing                    | ''",
        "PUT /v1/repositories/foo/bar/   | {\"error\": \"Bad Request\"}"
      })
  void aRequestWithoutVersionIsNotServed(String request, String body) throws IOException {
    assertThat(RawConnection.exchange(server.port(), request + "\r\n\r\n")).isEqualTo(body);
  }

  @Test
  void aRequestOfOldWithoutHostLearnsTheAddressThatItReached() throws IOException {
    RawAnswer answer = ask("GET " + REPOSITORY + "images HTTP/1.0\r\n\r\n");
    assertRefused(answer, 404);

    server.client().put("/v1/repositories/foo/bar/", "[]");
    RawAnswer found = ask("GET " + REPOSITORY + "images HTTP/1.0\r\n\r\n");
    server.client().delete("/v1/repositories/foo/bar/");

    assertThat(found.status()).isEqualTo(200);
    assertThat(found.header("X-Docker-Endpoints")).endsWith(":" + server.port());
  }

  /** What is framed twice is read by its chunks, and nothing behind it is taken for a request. */
  @Test
  void lengthAndChunksTogetherCannotSmuggleARequest() throws IOException {
    String smuggled = request("DELETE", complete.path("nothing"), "", "");
    String answers =
        RawConnection.exchange(
            server.port(),
            request(
                "POST",
                "/v1/users/",
                "Content-Length: 2\r\n" + CHUNKED,
                "2\r\n{}\r\n0\r\n\r\n" + smuggled));

    assertThat(answers).startsWith("HTTP/1.1 201").contains("Connection: close");
    assertThat(answers.split("HTTP/1.1", -1)).hasSize(2);
  }

  @Test
  void theOpeningOfHttpTwoIsClosedWithoutAWord() throws IOException {
    try (RawConnection connection = new RawConnection(server.port())) {
      connection.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

      assertThat(connection.readAll()).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("refusedFromTheirHeaders")
  void whoIsRefusedFromTheHeadersIsNotToldToContinue(
      int status, String method, String path, String headers) throws IOException {
    try (RawConnection connection = new RawConnection(server.port())) {
      connection.send(request(method, path, EXPECT + headers, ""));

      // A 100 would come first, and the server would wait for the body, which is never sent.
      assertRefused(RawAnswer.read(connection, method), status);
    }
  }

  private static Stream<Arguments> refusedFromTheirHeaders() {
    String length = "Content-Length: 1000\r\n";
    String unknown = "/v1/images/" + "a".repeat(64);
    return Stream.of(
        Arguments.of(409, "PUT", complete.path("layer"), length),
        Arguments.of(409, "PUT", complete.path("layer"), CHUNKED),
        Arguments.of(404, "PUT", unknown + "/layer", length),
        Arguments.of(404, "PUT", unknown + "/layer", CHUNKED),
        Arguments.of(404, "PUT", "/v1/images/short/layer", length),
        Arguments.of(404, "PUT", "/v1/images/short/json", length),
        Arguments.of(404, "PUT", "/nothing", length),
        Arguments.of(405, "PUT", "/v1/_ping", length),
        Arguments.of(400, "PUT", "/v1/repositories/foo/bar/tags/-x", length),
        Arguments.of(400, "PUT", "/v1/repositories/../bar/", length),
        Arguments.of(413, "PUT", begun.path("json"), "Content-Length: 8388609\r\n"),
        Arguments.of(413, "PUT", begun.path("json"), "Content-Length: 99999999999\r\n"),
        Arguments.of(413, "PUT", REPOSITORY, "Content-Length: 8388609\r\n"),
        Arguments.of(413, "POST", "/v1/users/", "Content-Length: 8388609\r\n"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Content-Length: 2\r\n", CHUNKED})
  void whoAsksFirstIsToldToContinueAndServed(String framing) throws IOException {
    try (RawConnection connection = new RawConnection(server.port())) {
      connection.send(request("POST", "/v1/users/", EXPECT + framing, ""));
      assertThat(RawAnswer.read(connection, "POST").status()).isEqualTo(100);

      connection.send(framing.equals(CHUNKED) ? "2\r\n{}\r\n0\r\n\r\n" : "{}");
      RawAnswer answer = RawAnswer.read(connection, "POST");

      assertThat(answer.status()).isEqualTo(201);
      assertThat(answer.text()).isEqualTo("\"User Created\"");
      assertThatItIsUsable(connection);
    }
  }

  @Test
  void aLayerWhoseSenderAsksFirstIsTakenWhole() throws IOException {
    TestImage image = TestImage.base("asks first", "the layer");
    image.putJson(server.client());
    try (RawConnection connection = new RawConnection(server.port())) {
      connection.send(
          request(
              "PUT",
              image.path("layer"),
              EXPECT + "Content-Length: " + image.layer().length + "\r\n",
              ""));
      assertThat(RawAnswer.read(connection, "PUT").status()).isEqualTo(100);
      connection.send(new String(image.layer(), StandardCharsets.US_ASCII));
      assertThat(RawAnswer.read(connection, "PUT").status()).isEqualTo(200);
    }
    assertThat(image.putChecksum(server.client()).status()).isEqualTo(200);
    assertThat(server.client().get(image.path("layer")).bytes()).isEqualTo(image.layer());

    before = files();
  }

  @Test
  void aJsonOverTheLimitIsRefusedWithoutBeingBelieved() throws IOException {
    RawAnswer answer = ask(put("Content-Length: 8388609\r\n", " ".repeat(8_388_609)));

    assertRefused(answer, 413);
    assertThat(answer.text()).isEqualTo("{\"error\": \"The JSON is larger than 8388608 bytes\"}");
  }

  private static String get(String headers) {
    return request("GET", "/v1/_ping", headers, "");
  }

  private static String put(String headers, String body) {
    return request("PUT", REPOSITORY, headers, body);
  }

  private static String request(String method, String path, String headers, String body) {
    return method + " " + path + " HTTP/1.1\r\n" + HOST + headers + "\r\n" + body;
  }

  private static RawAnswer ask(String request) throws IOException {
    try (RawConnection connection = new RawConnection(server.port())) {
      connection.send(request);
      connection.halfClose();
      return RawAnswer.read(connection, request.substring(0, request.indexOf(' ') + 1).strip());
    }
  }

  private static void assertRefused(RawAnswer answer, int status) {
    assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
    assertJsonError(answer);
  }

  private static void assertJsonError(RawAnswer answer) {
    assertThat(answer.headers("Content-Type")).containsExactly("application/json");
    JsonNode body = JSON.readTree(answer.text());
    assertThat(body.propertyNames()).containsExactly("error");
    assertThat(body.get("error").stringValue()).isNotBlank();
  }

  private static void assertThatItIsUsable(RawConnection connection) throws IOException {
    connection.send(PING);
    assertThat(RawAnswer.read(connection, "GET").text()).isEqualTo("{}");
  }

  private static Map<String, String> files() throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> found = Files.walk(store)) {
      for (Path file : found.filter(Files::isRegularFile).toList()) {
        files.put(store.relativize(file).toString(), Files.readString(file));
      }
    }
    return files;
  }
}
