package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.registry.testkit.DockerDaemon;
import io.registry.testkit.DockerDaemon.Failure;
import io.registry.testkit.DockerDaemon.Fault;
import io.registry.testkit.DockerFamily;
import io.registry.testkit.DockerImages;
import io.registry.testkit.RawAnswer;
import io.registry.testkit.RawConnection;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every family of clients pushes and pulls as it really does (protocol 9). */
class DockerDaemonHttpTest {
  @TempDir private static Path store;

  private static RegistryServer server;

  @BeforeAll
  static void start() {
    server = RegistryServer.start(store);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"images", "auth", "json", "properties"})
  void aRepositoryMayHaveTheNameOfAWordOfTheRoutes(String word) {
    DockerFamily family = DockerFamily.DOCKER_1_12;
    List<TestImage> images = DockerImages.chain(family, "word " + word);
    String name = "myteam/" + word;

    assertThat(daemon(family).push(name, images, tags(images))).isEqualTo(DockerImages.ids(images));

    assertThat(server.client().get("/v1/repositories/" + name + "/images").status()).isEqualTo(200);
    assertThat(server.client().get("/v1/repositories/" + name + "/tags").status()).isEqualTo(200);
    assertThat(store.resolve("repositories/myteam/" + word + "/_index_images")).exists();
    assertThat(store.resolve("repositories/library/myteam")).doesNotExist();
  }

  /** 9.2, 9.3. */
  @ParameterizedTest
  @MethodSource("pairs")
  void whatOneClientPushesAnotherPullsByteForByte(DockerFamily pusher, DockerFamily puller) {
    List<TestImage> images = DockerImages.chain(pusher, pusher + " to " + puller);
    String name = "pair_%s/%s".formatted(lowerName(pusher), lowerName(puller));

    assertThat(daemon(pusher).push(name, images, tags(images))).isEqualTo(DockerImages.ids(images));

    assertSame(daemon(puller).pull(name, "latest"), images);
    assertSame(daemon(puller).pull(name, "v1"), images);
  }

  /** 9.2, 9.3: the name is pushed alone, and its tags are asked for in the library. */
  @ParameterizedTest
  @MethodSource("pushers")
  void aNameWithoutNamespaceIsTheSameRepositoryInTheLibrary(DockerFamily family) {
    List<TestImage> images = DockerImages.chain(family, "lone " + family);
    String name = "lone" + lowerName(family);

    daemon(family).push(name, images, tags(images));

    assertSame(daemon(family).pull(name, "latest"), images);
    assertSame(daemon(DockerFamily.NPM).pull("library/" + name, "v1"), images);
  }

  /** 9.2, step 2. */
  @ParameterizedTest
  @MethodSource("pushers")
  void aSecondPushSendsNoLayerAgain(DockerFamily family) {
    List<TestImage> images = DockerImages.chain(family, "again " + family);
    String name = "again/r" + lowerName(family);
    daemon(family).push(name, images, tags(images));

    assertThat(daemon(family).push(name, images, Map.of("v2", images.get(2).id()))).isEmpty();

    assertSame(daemon(family).pull(name, "v2"), images);
    assertSame(daemon(family).pull(name, "v1"), images);
  }

  /** Wire notes, "Other statuses": what the failed push left behind stops nobody. */
  @ParameterizedTest
  @MethodSource("faults")
  void aPushThatFailedIsRepeatedWithSuccess(DockerFamily family, Fault fault) {
    List<TestImage> images = DockerImages.chain(family, fault + " " + family);
    String name =
        "healed/r%s_%s".formatted(lowerName(family), fault.name().toLowerCase(Locale.ROOT));
    TestImage base = images.get(0);

    assertThatThrownBy(() -> daemon(family).failingAt(base, fault).push(name, images, tags(images)))
        .isInstanceOf(RuntimeException.class);
    TestClient.Answer halfDone = server.client().get(base.path("json"));
    assertThat(halfDone.status()).isEqualTo(400);
    assertThat(halfDone.text()).isEqualTo("{\"error\": \"Image is being uploaded, retry later\"}");

    assertThat(daemon(family).push(name, images, tags(images))).isEqualTo(DockerImages.ids(images));
    assertSame(daemon(family).pull(name, "latest"), images);
  }

  /** 9.9: the daemon shows the text of the refusal. */
  @ParameterizedTest
  @MethodSource("pushers")
  void aWrongChecksumIsToldToTheUser(DockerFamily family) {
    List<TestImage> images = DockerImages.chain(family, "wrong sum " + family);

    assertThatThrownBy(
            () ->
                daemon(family)
                    .failingAt(images.get(1), Fault.WRONG_CHECKSUM)
                    .push("wrong/sum" + lowerName(family), images, tags(images)))
        .isInstanceOf(Failure.class)
        .hasMessage("HTTP code 400 while uploading checksum: Checksum mismatch");
  }

  /** 9.9: whoever misses the image in the existence test learns it from the PUT of its JSON. */
  @ParameterizedTest
  @MethodSource("pushers")
  void anImageThatIsCompleteIsSkippedAtItsJson(DockerFamily family) {
    List<TestImage> images = DockerImages.chain(family, "conflict " + family);
    String name = "conflict/r" + lowerName(family);
    daemon(family).push(name, images, tags(images));

    DockerDaemon blind =
        daemon(family)
            .behind(
                (request, answer) ->
                    request.startsWith("GET /v1/images/") ? answer.withStatus(500) : answer);

    assertThat(blind.push(name, images, tags(images))).isEmpty();
  }

  /** 9.5: asked for one byte too many, the registry sends what there is. */
  @ParameterizedTest
  @MethodSource("cuts")
  void aDownloadThatWasCutIsResumed(DockerFamily family, int got) {
    List<TestImage> images = DockerImages.chain(family, "cut " + family);
    String name = "cut/r" + lowerName(family);
    daemon(family).push(name, images, tags(images));
    // What is not below the cut is whole, and is asked for once more from its very end.
    int size = images.get(2).layer().length;

    assertSame(daemon(family).cutAfter(got < 0 ? size + got : got).pull(name, "latest"), images);
  }

  /** 9.5: the exact answers, over the range that daemons really ask for. */
  @ParameterizedTest
  @ValueSource(ints = {1, 20_000, 100_000})
  void theRangeOfAResumingDaemonIsClamped(int got) {
    List<TestImage> images = DockerImages.chain(DockerFamily.DOCKER_1_5, "clamped");
    daemon(DockerFamily.DOCKER_1_5).push("clamped/one", images, tags(images));
    TestImage base = images.get(0);
    int size = base.layer().length;

    TestClient.Answer rest =
        server.client().get(base.path("layer"), "Range", "bytes=%d-%d".formatted(got, size));
    TestClient.Answer end =
        server.client().get(base.path("layer"), "Range", "bytes=%d-%d".formatted(size, size));

    assertThat(rest.status()).isEqualTo(206);
    assertThat(rest.header("Content-Length")).isEqualTo(Integer.toString(size - got));
    assertThat(rest.header("Content-Range"))
        .isEqualTo("bytes %d-%d/%d".formatted(got, size - 1, size));
    assertThat(rest.bytes()).isEqualTo(Arrays.copyOfRange(base.layer(), got, size));
    assertThat(end.status()).isEqualTo(416);
    assertThat(end.headers("Content-Length")).containsExactly("0");
    assertThat(end.bytes()).isEmpty();
  }

  /** 9.7. */
  @ParameterizedTest
  @MethodSource("pushers")
  void anybodyMayLogInAndThenPushAndPull(DockerFamily family) {
    List<TestImage> images = DockerImages.chain(family, "login " + family);
    String name = "login/r" + lowerName(family);

    String told = daemon(family).login("user", "secret");
    DockerDaemon daemon = daemon(family).loggedInAs("user", "secret");
    daemon.push(name, images, tags(images));

    assertThat(told)
        .isEqualTo(family == DockerFamily.DOCKER_1_12 ? "Login Succeeded" : "Account created");
    assertSame(daemon.pull(name, "v1"), images);
  }

  /** 9.3: each family has its own words for it. */
  @ParameterizedTest
  @MethodSource("clients")
  void whatIsNotThereIsNotFound(DockerFamily family) {
    List<TestImage> images = DockerImages.chain(family, "unknown " + family);
    String name = "unknown/r" + lowerName(family);
    daemon(DockerFamily.DOCKER_1_6)
        .push(name, images, Map.of("v1", images.get(2).id(), "latest", images.get(0).id()));

    assertThatThrownBy(() -> daemon(family).pull("unknown/nothing", "latest"))
        .isInstanceOf(Failure.class)
        .hasMessage("Error: image not found");
    assertThatThrownBy(() -> daemon(family).pull(name, "v2"))
        .isInstanceOf(Failure.class)
        .hasMessage("Tag v2 not found");
  }

  /** Wire notes, "Push" 2 and 8: the last, empty list takes nothing away. */
  @ParameterizedTest
  @MethodSource("pushers")
  void theIndexKeepsTheImagesOfEveryPush(DockerFamily family) {
    List<TestImage> images = DockerImages.chain(family, "index " + family);
    List<TestImage> others = DockerImages.chain(family, "index too " + family);
    String name = "index/r" + lowerName(family);

    daemon(family).push(name, images, tags(images));
    daemon(family).push(name, others, Map.of("v2", others.get(2).id()));

    String listed = server.client().get("/v1/repositories/" + name + "/images").text();
    for (TestImage image : Stream.concat(images.stream(), others.stream()).toList()) {
      assertThat(listed).containsOnlyOnce("\"" + image.id() + "\"");
    }
  }

  /** Wire notes, "Push" 5: a layer of 1.1 MB in hundreds of chunks. */
  @Test
  void aLayerInHundredsOfChunksIsOneLayer() {
    byte[] layer = new byte[1_100_000];
    for (int i = 0; i < layer.length; i++) {
      layer[i] = (byte) (i * 31 ^ i >> 8);
    }
    TestImage image = TestImage.of("many chunks", "", layer);

    daemon(DockerFamily.DOCKER_1_2).push("many/chunks", List.of(image), tags(List.of(image)));

    assertSame(daemon(DockerFamily.DOCKER_0_10).pull("many/chunks", "v1"), List.of(image));
  }

  /** Wire notes, "Push" 4: what comes back is what was sent, spaces and unknown keys included. */
  @ParameterizedTest
  @MethodSource("pushers")
  void theSizeOfALayerIsThatOfItsStoredBytes(DockerFamily family) {
    List<TestImage> images = DockerImages.chain(family, "size " + family);
    daemon(family).push("size/r" + lowerName(family), images, tags(images));

    for (TestImage image : images) {
      TestClient.Answer json = server.client().get(image.path("json"));
      TestClient.Answer head = server.client().head(image.path("layer"));
      assertThat(json.bytes()).isEqualTo(image.json());
      assertThat(json.headers("X-Docker-Size"))
          .containsExactly(Integer.toString(image.layer().length));
      assertThat(json.headers("X-Docker-Checksum-Payload")).containsExactly(image.checksum());
      assertThat(head.headers("Accept-Ranges")).containsExactly("bytes");
      assertThat(head.headers("Content-Length"))
          .containsExactly(Integer.toString(image.layer().length));
    }
  }

  /** Wire notes, "Common": the forms of Authorization that mean nobody in particular. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Token ",
        "Token",
        "Token Token signature=ABC,repository=\"foobar/w\",access=write",
        "Token signature=ABC,repository=\"foobar/w\",access=read",
        "Basic Og==",
        "Basic dXNlcjpzZWNyZXQ=",
        "Basic ",
        ""
      })
  void everyFormOfAuthorizationIsThatOfAnAnonymousClient(String authorization) throws IOException {
    TestImage image = TestImage.base("authorization " + authorization, "layer");
    String name =
        "/v1/repositories/authorization/n" + Integer.toHexString(authorization.hashCode());
    String id = '"' + image.id() + '"';

    assertThat(ask("PUT", name + "/", authorization, "[{\"id\":%s}]".formatted(id)).status())
        .isEqualTo(200);
    assertThat(ask("PUT", image.path("json"), authorization, text(image.json())).status())
        .isEqualTo(200);
    assertThat(ask("PUT", image.path("layer"), authorization, text(image.layer())).status())
        .isEqualTo(200);
    assertThat(
            ask(
                    "PUT",
                    image.path("checksum"),
                    authorization + "\r\nX-Docker-Checksum-Payload: " + image.checksum(),
                    "")
                .status())
        .isEqualTo(200);
    assertThat(ask("PUT", name + "/tags/v1", authorization, id).status()).isEqualTo(200);
    assertThat(ask("PUT", name + "/images", authorization, "[]").status()).isEqualTo(204);
    for (String path :
        List.of(
            "/v1/_ping",
            "/v1/users/",
            name + "/images",
            name + "/tags",
            name + "/tags/v1",
            image.path("ancestry"),
            image.path("json"),
            image.path("layer"))) {
      assertThat(ask("GET", path, authorization, "").status()).as(path).isEqualTo(200);
    }
  }

  /** Wire notes, "Push" 2: both headers, on the answers that open a push and a pull. */
  @Test
  void theIndexSendsTheClientToTheHostThatItAsked() throws IOException {
    TestImage image = TestImage.base("endpoints", "layer").push(server.client());
    String host = " HTTP/1.1\r\nHost: Registry.Example:5000\r\nConnection: close\r\n";
    String list = "[{\"id\":\"%s\"}]".formatted(image.id());
    String length = "Content-Length: " + list.length();
    String path = "/v1/repositories/foobar/w/";

    String push =
        RawConnection.exchange(server.port(), "PUT " + path + host + length + "\r\n\r\n" + list);
    String pull = RawConnection.exchange(server.port(), "GET " + path + "images" + host + "\r\n");

    assertThat(push)
        .startsWith("HTTP/1.1 200")
        .contains("\r\nX-Docker-Endpoints: Registry.Example:5000\r\n")
        .containsPattern(
            "\r\nX-Docker-Token: Token signature=[A-Z0-9]{16},repository=\"foobar/w\",access=write\r\n");
    assertThat(pull)
        .startsWith("HTTP/1.1 200")
        .contains("\r\nX-Docker-Endpoints: Registry.Example:5000\r\n")
        .containsPattern(
            "\r\nX-Docker-Token: Token signature=[A-Z0-9]{16},repository=\"foobar/w\",access=read\r\n");
  }

  /** Wire notes, "Ping". */
  @Test
  void thePingTellsVersionAndStandalone() {
    TestClient.Answer ping = server.client().get("/v1/_ping");

    assertThat(ping.status()).isEqualTo(200);
    assertThat(ping.text()).isEqualTo("{}");
    assertThat(ping.header("X-Docker-Registry-Version")).isNotEmpty();
    assertThat(ping.header("X-Docker-Registry-Standalone")).isEqualTo("True");
  }

  /** Without V2, daemons from 1.5 on go on with V1. */
  @Test
  void nothingBelowVersionTwoIsThereWhenItIsSwitchedOff(@TempDir Path directory) {
    try (RegistryServer without = RegistryServer.start(directory, "--registry.v2.enabled=false")) {
      for (String request :
          List.of(
              "GET /v2/",
              "GET /v2",
              "HEAD /v2/",
              "POST /v2/foo/bar/blobs/uploads/",
              "GET /v2/foo/bar/manifests/latest",
              "PUT /v2/foo/bar/manifests/latest",
              "GET /v2/foo/bar/tags/list",
              "GET /v2/_catalog",
              "HEAD /v2/foo/bar/blobs/sha256:00",
              "GET /v2/_ping")) {
        String method = request.substring(0, request.indexOf(' '));
        String path = request.substring(request.indexOf(' ') + 1);
        TestClient.Answer answer = without.client().send(method, path, BodyPublishers.noBody());
        assertThat(answer.status()).as(request).isEqualTo(404);
        assertThat(answer.header("Docker-Distribution-Api-Version")).isEmpty();
        assertThat(answer.header("Content-Type")).isEqualTo("application/json");
        assertThat(answer.text())
            .isEqualTo(method.equals("HEAD") ? "" : "{\"error\": \"Not Found\"}");
      }
    }
  }

  /** Wire notes, "Common": a hello of any size is not waited upon. */
  @ParameterizedTest
  @ValueSource(ints = {1, 5, 11, 517})
  void aTlsHelloEndsTheConnectionAtOnce(int length) throws IOException {
    byte[] hello = new byte[length];
    Arrays.fill(hello, (byte) ' ');
    byte[] start = {0x16, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc, 3, 3};
    System.arraycopy(start, 0, hello, 0, Math.min(length, start.length));

    try (RawConnection connection = new RawConnection(server.port())) {
      connection.out().write(hello);
      connection.out().flush();

      // Still open on this side: only the server can end what is read here.
      assertThat(connection.readAll()).doesNotStartWith("\u0016");
    }
  }

  /**
   * Wire notes, "Common": the jar of cookies comes back, and X-Meta headers of the API's caller.
   */
  @Test
  void cookiesAndForeignHeadersChangeNothing() {
    TestClient.Answer ping =
        server
            .client()
            .get("/v1/_ping", "Cookie", "session=\"a b\"; x", "X-Meta-Author", "somebody");

    assertThat(ping.status()).isEqualTo(200);
    assertThat(ping.headers("Set-Cookie")).isEmpty();
  }

  /** 9.6: brackets and backslashes of the newest user agent. */
  @Test
  void theVersionsOfADaemonAreKeptWithItsTags() {
    List<TestImage> images = DockerImages.chain(DockerFamily.DOCKER_1_12, "agent");
    daemon(DockerFamily.DOCKER_1_12).push("agent/one", images, tags(images));

    assertThat(server.client().get("/v1/repositories/agent/one/tags/v1/json").text())
        .contains("\"docker_version\": \"1.12.6\"")
        .contains("\"docker_go_version\": \"go1.6.4\"")
        .contains("\"arch\": \"amd64\"")
        .contains("\"os\": \"linux\"");
  }

  /** Wire notes, "Push" 5 and 6: fatal for a daemon, so only for one that does not ask before. */
  @Test
  void theLayerAndChecksumOfACompleteImageAreNotTakenAgain() {
    TestImage image = TestImage.base("complete", "layer").push(server.client());

    TestClient.Answer layer = image.putLayer(server.client());
    TestClient.Answer checksum = image.putChecksum(server.client());

    assertThat(layer.toString()).isEqualTo("409 {\"error\": \"Image already exists\"}");
    assertThat(checksum.toString())
        .isEqualTo("409 {\"error\": \"Cannot set this image checksum\"}");
  }

  /** 9.2: the order and number of requests of each family, for two images of which one is new. */
  @ParameterizedTest
  @MethodSource("pushers")
  void theExistenceTestsComeWhenTheFamilySendsThem(DockerFamily family) {
    Queue<String> seen = new ConcurrentLinkedQueue<>();
    List<TestImage> images = DockerImages.chain(family, "order " + family);

    daemon(family)
        .behind(
            (request, answer) -> {
              seen.add(request);
              return answer;
            })
        .push("order/r" + lowerName(family), images, tags(images));

    List<String> parts =
        seen.stream()
            .filter(request -> request.contains("/v1/images/"))
            .map(request -> request.replaceAll(" .*/", " "))
            .toList();
    String one = "GET json, PUT json, PUT layer, PUT checksum";
    String rest = "PUT json, PUT layer, PUT checksum";
    assertThat(String.join(", ", parts))
        .isEqualTo(
            family.compareTo(DockerFamily.DOCKER_1_5) < 0
                ? String.join(", ", one, one, one)
                : String.join(", ", "GET json, GET json, GET json", rest, rest, rest));
  }

  private static Stream<DockerFamily> clients() {
    return Arrays.stream(DockerFamily.values());
  }

  private static Stream<DockerFamily> pushers() {
    return clients().filter(DockerFamily::pushes);
  }

  private static Stream<Arguments> pairs() {
    return pushers().flatMap(pusher -> clients().map(puller -> Arguments.of(pusher, puller)));
  }

  private static Stream<Arguments> faults() {
    return pushers()
        .flatMap(
            family ->
                Arrays.stream(Fault.values())
                    .filter(fault -> fault != Fault.NONE)
                    .map(fault -> Arguments.of(family, fault)));
  }

  private static Stream<Arguments> cuts() {
    return pushers()
        .filter(DockerFamily::resumes)
        .flatMap(family -> Stream.of(1, 15, -1, 0).map(got -> Arguments.of(family, got)));
  }

  private static DockerDaemon daemon(DockerFamily family) {
    return new DockerDaemon(family, server.port());
  }

  private static String lowerName(DockerFamily family) {
    return family.name().toLowerCase(Locale.ROOT);
  }

  private static Map<String, String> tags(List<TestImage> images) {
    String top = images.get(images.size() - 1).id();
    return Map.of("latest", top, "v1", top);
  }

  private static void assertSame(List<TestImage> pulled, List<TestImage> pushed) {
    assertThat(DockerImages.ids(pulled)).isEqualTo(DockerImages.ids(pushed));
    for (int i = 0; i < pushed.size(); i++) {
      assertThat(pulled.get(i).json()).isEqualTo(pushed.get(i).json());
      assertThat(pulled.get(i).layer()).isEqualTo(pushed.get(i).layer());
    }
  }

  private static RawAnswer ask(String method, String path, String authorization, String body)
      throws IOException {
    try (RawConnection connection = new RawConnection(server.port())) {
      String length = method.equals("GET") ? "" : "Content-Length: " + body.length() + "\r\n";
      connection.send(
          "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%sAuthorization: %s\r\nConnection: close\r\n\r\n%s"
              .formatted(method, path, server.port(), length, authorization, body));
      return RawAnswer.read(connection, method);
    }
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }
}
