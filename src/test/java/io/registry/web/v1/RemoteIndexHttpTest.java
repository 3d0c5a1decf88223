package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.access.auth.RepositoryVisibility;
import io.registry.content.repository.RepositoryName;
import io.registry.storage.BlobStorage;
import io.registry.storage.StorageException.Reason;
import io.registry.testkit.BrokenRegistry;
import io.registry.testkit.BrokenStorage;
import io.registry.testkit.BrokenStorage.Outcome;
import io.registry.testkit.BrokenStorage.Verb;
import io.registry.testkit.FakeIndex;
import io.registry.testkit.FakeIndex.Behaviour;
import io.registry.testkit.RawAnswer;
import io.registry.testkit.RawConnection;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The registry that asks an index elsewhere, which counts, lies and fails (protocol 4.2, 4.4). */
@Tag("slow")
class RemoteIndexHttpTest {
  @TempDir private static Path folder;

  private static FakeIndex index;

  /** Remembers what was allowed. */
  private static RegistryServer server;

  /** Asks with each request. */
  private static RegistryServer forgetful;

  @BeforeAll
  static void start() {
    index = FakeIndex.start();
    server = start(folder.resolve("store"), "--registry.index.remote.grants-ttl=10m");
    forgetful =
        start(
            folder.resolve("other"),
            "--registry.index.remote.grants-ttl=0",
            "--registry.index.remote.attempts=1",
            "--registry.index.remote.timeout=2s",
            "--registry.index.remote.rest=1ms");
  }

  private static RegistryServer start(Path store, String... more) {
    List<String> arguments =
        Stream.concat(
                Stream.of(
                    "--registry.index.mode=remote",
                    "--registry.index.remote.endpoint=" + index.endpoint()),
                Stream.of(more))
            .toList();
    return BrokenRegistry.start(store, arguments.toArray(String[]::new));
  }

  @AfterEach
  void recover() {
    index.recover();
    ((BrokenStorage) server.bean(BlobStorage.class)).heal();
  }

  @AfterAll
  static void stop() {
    Stream.of(server, forgetful).forEach(RegistryServer::close);
    index.close();
  }

  @Test
  void aWholePushAndPullAreOneQuestionEach() {
    TestImage base = TestImage.base("counted", "layer");
    TestImage top = TestImage.child("counted top", base, "layer");
    index.list("team/counted", base.id(), top.id());
    index.allow("team/counted", base.id());
    int before = index.timesAsked();

    String token = index.issue("team/counted", "write");
    push(server.client(), token, "team/counted", base, top);
    assertThat(index.timesAsked() - before)
        .as("the token, and whether the parent may be had")
        .isEqualTo(2);

    String reading = index.issue("team/counted", "read");
    int requests = pull(server.client(), reading, "team/counted", base, top);
    assertThat(requests).isEqualTo(6);
    assertThat(index.timesAsked() - before).isEqualTo(3);
  }

  @Test
  void theTrashIsOpenToNobodyElse() {
    String token = index.issue("team/trash", "write");
    for (String[] headers : List.of(new String[0], auth(token))) {
      assertThat(forgetful.client().get("/api/trash", headers).status()).isEqualTo(401);
    }
    String path = "/api/trash/team/trash/x/restore";
    String[] json = {"Content-Type", "application/json"};
    assertThat(forgetful.client().post(path, "{}", json).status()).isEqualTo(401);
    String[] write = {"Content-Type", "application/json", "Authorization", token};
    assertThat(forgetful.client().post(path, "{}", write).status()).isEqualTo(404);
    assertThat(forgetful.client().get("/api/repositories/team/trash/tags/v1/history").status())
        .isEqualTo(401);
  }

  @Test
  void withoutMemoryTheIndexIsAskedWithEachRequest() {
    TestImage base = TestImage.base("asked", "layer");
    TestImage top = TestImage.child("asked top", base, "layer");
    index.list("team/asked", base.id(), top.id());
    index.allow("team/asked", base.id());
    int before = index.timesAsked();

    int requests =
        push(forgetful.client(), index.issue("team/asked", "write"), "team/asked", base, top);
    assertThat(index.timesAsked() - before).as("and once for the parent").isEqualTo(requests + 1);

    before = index.timesAsked();
    requests = pull(forgetful.client(), index.issue("team/asked", "read"), "team/asked", base, top);
    assertThat(index.timesAsked() - before).isEqualTo(requests);
  }

  @ParameterizedTest
  @MethodSource("failures")
  void anIndexThatFailsLetsNobodyInAndLogsNobodyOut(Behaviour failure) {
    TestImage image = TestImage.base("failing", "layer");
    index.list("team/failing", image.id());
    String token = index.issue("team/failing", "write");
    TestClient client = forgetful.client();
    if (client.get(image.path("json"), auth(token)).status() != 200) {
      push(client, token, "team/failing", image);
    }
    index.always(failure);

    for (Answer answer :
        List.of(
            client.get(image.path("json"), auth(token)),
            client.get("/v1/repositories/team/failing/tags", auth(token)),
            client.put(
                "/v1/repositories/team/failing/tags/other", '"' + image.id() + '"', auth(token)))) {
      assertThat(answer.status()).as(answer.text()).isEqualTo(503);
      assertThat(answer.header("Retry-After")).matches("[1-9][0-9]*");
      assertThat(answer.header("WWW-Authenticate")).isEmpty();
      assertThat(answer.header("Content-Type")).isEqualTo("application/json");
      assertThat(answer.text()).startsWith("{\"error\": \"The index does not answer\"");
    }
    index.recover();
    assertThat(client.get("/v1/repositories/team/failing/tags", auth(token)).text())
        .doesNotContain("other");
  }

  private static Stream<Behaviour> failures() {
    return Stream.of(
        FakeIndex.status(500),
        FakeIndex.status(503),
        FakeIndex.status(429),
        FakeIndex.body(302, "", "Location", "http://127.0.0.1:1/"),
        FakeIndex.body(200, "<html>not JSON</html>"),
        FakeIndex.body(200, "\"a text\""),
        FakeIndex.cut(),
        index.drip(200));
  }

  @Test
  void anIndexThatIsDownLetsNobodyIn() {
    String token = index.issue("team/down", "read");
    index.down();
    try {
      Answer answer = forgetful.client().get("/v1/repositories/team/down/tags", auth(token));
      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.header("Retry-After")).matches("[1-9][0-9]*");
    } finally {
      index.up();
    }
  }

  @Test
  void whatWasRememberedCountsWhileTheIndexIsDown() {
    TestImage image = TestImage.base("remembered", "layer");
    index.list("team/remembered", image.id());
    String token = index.issue("team/remembered", "write");
    push(server.client(), token, "team/remembered", image);
    index.down();
    try {
      assertThat(server.client().get(image.path("layer"), auth(token)).status()).isEqualTo(200);
    } finally {
      index.up();
    }
  }

  /** No client waits until it has sent a gigabyte to hear that it may not. */
  @Test
  void theBodyOfALayerIsNotReadWhenTheIndexRefuses() throws IOException {
    TestImage image = TestImage.base("unread", "layer");
    Map<String, Integer> refusals =
        Map.of(
            "Token signature=forged,repository=\"team/unread\",access=write",
            401,
            index.issue("team/unread", "read"),
            401,
            // The image is not listed.
            index.issue("team/unread", "write"),
            400);
    for (String token : refusals.keySet()) {
      try (RawConnection connection = new RawConnection(forgetful.port())) {
        connection.send(
            "PUT "
                + image.path("layer")
                + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: "
                + token
                + "\r\nContent-Length: 1000000000\r\nConnection: close\r\n\r\n");
        // Not one byte of it was sent.
        RawAnswer answer = RawAnswer.read(connection, "PUT");
        assertThat(answer.status()).isEqualTo(refusals.get(token));
      }
    }
  }

  @Test
  void eachImageOfAPrivateRepositoryIsAskedFor() {
    TestImage base = TestImage.base("marked", "layer");
    TestImage top = TestImage.child("marked top", base, "layer");
    index.list("team/marked", base.id(), top.id());
    index.allow("team/marked", base.id());
    String token = index.issue("team/marked", "write");
    push(forgetful.client(), token, "team/marked", base, top);
    forgetful
        .bean(RepositoryVisibility.class)
        .setPrivate(RepositoryName.parse("team/marked"), true);
    String reading = index.issue("team/marked", "read");

    for (String part : List.of("json", "layer", "ancestry")) {
      int before = index.timesAsked();
      Answer hidden = forgetful.client().get(top.path(part), auth(reading));
      assertThat(hidden.status()).as(part).isEqualTo(404);
      assertThat(hidden.text()).isEqualTo("{\"error\": \"Image not found\"}");
      assertThat(forgetful.client().head(top.path(part), auth(reading)).status()).isEqualTo(404);
      assertThat(forgetful.client().get(base.path(part), auth(reading)).status()).isEqualTo(200);
      assertThat(index.questions().subList(before, index.timesAsked()))
          .extracting(FakeIndex.Question::path)
          .containsExactly(
              "/v1/repositories/team/marked/images",
              "/v1/repositories/team/marked/layer/" + top.id() + "/access",
              "/v1/repositories/team/marked/images",
              "/v1/repositories/team/marked/layer/" + top.id() + "/access",
              "/v1/repositories/team/marked/images",
              "/v1/repositories/team/marked/layer/" + base.id() + "/access");
    }
  }

  /**
   * Whoever has the entity tag is not told that it is still right, unless he may have the image.
   */
  @Test
  void aStrangerIsNotToldThatNothingChanged() {
    TestImage image = TestImage.base("conditional", "layer");
    index.list("team/conditional", image.id());
    String token = index.issue("team/conditional", "write");
    push(server.client(), token, "team/conditional", image);
    index.list("team/elsewhere");
    String stranger = index.issue("team/elsewhere", "read");
    for (String part : List.of("json", "layer", "ancestry")) {
      String etag = server.client().get(image.path(part), auth(token)).header("ETag");
      assertThat(etag).isNotEmpty();

      assertThat(conditional(image.path(part), etag, auth(token)).status()).isEqualTo(304);
      assertThat(conditional(image.path(part), etag, auth(stranger)).status()).isEqualTo(404);
      assertThat(conditional(image.path(part), etag).status()).isEqualTo(401);
    }
  }

  private static Answer conditional(String path, String etag, String... headers) {
    String[] all =
        Stream.concat(Stream.of("If-None-Match", etag), Stream.of(headers)).toArray(String[]::new);
    return server.client().get(path, all);
  }

  @Test
  void anUnauthorizedParentIsRefused() {
    TestImage base = TestImage.base("parent", "layer");
    TestImage top = TestImage.child("orphan", base, "layer");
    index.list("team/parent", base.id(), top.id());
    String token = index.issue("team/parent", "write");
    push(server.client(), token, "team/parent", base);

    Answer refused = top.putJson(server.client(), auth(token));
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.text())
        .isEqualTo("{\"error\": \"Image depends on an unauthorized parent\"}");
    index.allow("team/parent", base.id());
    assertThat(top.putJson(server.client(), auth(token)).status()).isEqualTo(200);
  }

  @Test
  void anImageThatIsNotListedIsNotTaken() {
    TestImage image = TestImage.base("unlisted", "layer");
    index.list("team/unlisted");
    String token = index.issue("team/unlisted", "write");

    for (Answer refused :
        List.of(
            image.putJson(server.client(), auth(token)),
            image.putLayer(server.client(), auth(token)),
            image.putChecksum(server.client(), auth(token)))) {
      assertThat(refused.status()).isEqualTo(400);
      assertThat(refused.text())
          .isEqualTo("{\"error\": \"This image does not belong to the repository\"}");
    }
  }

  @Test
  void noTagNamesAnImageOfAnotherRepository() {
    TestImage image = TestImage.base("foreign", "layer");
    index.list("team/its", image.id());
    push(server.client(), index.issue("team/its", "write"), "team/its", image);
    index.list("team/mine");
    String token = index.issue("team/mine", "write");

    Answer refused =
        server
            .client()
            .put("/v1/repositories/team/mine/tags/v1", '"' + image.id() + '"', auth(token));
    assertThat(refused.status()).isEqualTo(404);
    assertThat(refused.text()).isEqualTo("{\"error\": \"Image not found\"}");
  }

  @Test
  void theListIsKeptForTheOriginalAndWrittenWhenItChangesOnly() throws IOException {
    AtomicInteger writes = new AtomicInteger();
    BrokenStorage storage = (BrokenStorage) server.bean(BlobStorage.class);
    storage.fail(
        Reason.BROKEN,
        (number, verb, key) -> {
          if (verb == Verb.CREATE && key.path().endsWith("_images_list")) {
            writes.incrementAndGet();
          }
          return Outcome.DONE;
        });
    TestImage one = TestImage.base("one", "layer");
    TestImage two = TestImage.base("two", "layer");
    index.list("team/noted", one.id());
    push(server.client(), index.issue("team/noted", "write"), "team/noted", one);
    for (int i = 0; i < 3; i++) {
      String reading = index.issue("team/noted", "read");
      assertThat(server.client().get("/v1/repositories/team/noted/tags", auth(reading)).status())
          .isEqualTo(200);
    }
    assertThat(writes).hasValue(1);
    assertThat(noted("team/noted")).isEqualTo("[\"" + one.id() + "\"]");

    index.list("team/noted", two.id(), one.id());
    String token = index.issue("team/noted", "write");
    assertThat(server.client().get("/v1/repositories/team/noted/tags", auth(token)).status())
        .isEqualTo(200);
    assertThat(writes).hasValue(2);
    assertThat(noted("team/noted")).contains(one.id()).contains(two.id());

    // Another process, which does not know yet what is there, does not write it again.
    long modified =
        Files.getLastModifiedTime(noted(folder.resolve("store"), "team/noted")).toMillis();
    try (RegistryServer again = start(folder.resolve("store"))) {
      String next = index.issue("team/noted", "write");
      assertThat(again.client().get("/v1/repositories/team/noted/tags", auth(next)).status())
          .isEqualTo(200);
    }
    assertThat(Files.getLastModifiedTime(noted(folder.resolve("store"), "team/noted")).toMillis())
        .isEqualTo(modified);
  }

  private static String noted(String repository) throws IOException {
    return Files.readString(noted(folder.resolve("store"), repository));
  }

  private static Path noted(Path store, String repository) throws IOException {
    try (Stream<Path> files = Files.walk(store)) {
      return files
          .filter(file -> file.endsWith(Path.of(repository, "_images_list")))
          .findFirst()
          .orElseThrow();
    }
  }

  @Test
  void withTokensDisabledTheIndexIsNotAsked() {
    TestImage base = TestImage.base("open", "layer");
    TestImage top = TestImage.child("open top", base, "layer");
    int before = index.timesAsked();
    try (RegistryServer open =
        start(folder.resolve("open"), "--registry.auth.disable-token-auth=true")) {
      TestClient client = open.client();
      push(client, "Token nonsense", "team/open", base, top);
      for (TestImage image : List.of(base, top)) {
        assertThat(client.get(image.path("layer")).status()).isEqualTo(200);
      }
      assertThat(client.delete("/v1/repositories/team/open/").status()).isEqualTo(200);
      for (String absent : List.of("/images", "/auth", "/layer/" + base.id() + "/access")) {
        assertThat(client.get("/v1/repositories/team/open" + absent).status()).isEqualTo(404);
      }
      assertThat(client.put("/v1/repositories/team/open/", "[]").status()).isEqualTo(405);
      assertThat(client.get("/v1/users/").status()).isEqualTo(404);
    }
    assertThat(index.timesAsked()).isEqualTo(before);
  }

  private static int push(TestClient client, String token, String repository, TestImage... images) {
    int requests = 0;
    for (TestImage image : images) {
      List<Answer> answers =
          List.of(
              image.putJson(client, auth(token)),
              image.putLayer(client, auth(token)),
              image.putChecksum(client, auth(token)),
              client.put(
                  "/v1/repositories/" + repository + "/tags/latest",
                  '"' + image.id() + '"',
                  auth(token)));
      assertThat(answers).allSatisfy(answer -> assertThat(answer.status()).isEqualTo(200));
      requests += answers.size();
    }
    return requests;
  }

  private static int pull(TestClient client, String token, String repository, TestImage... images) {
    Answer tag = client.get("/v1/repositories/" + repository + "/tags/latest", auth(token));
    assertThat(tag.text()).isEqualTo('"' + images[images.length - 1].id() + '"');
    assertThat(client.get(images[images.length - 1].path("ancestry"), auth(token)).status())
        .isEqualTo(200);
    int requests = 2;
    for (TestImage image : images) {
      assertThat(client.get(image.path("json"), auth(token)).bytes()).isEqualTo(image.json());
      assertThat(client.get(image.path("layer"), auth(token)).bytes()).isEqualTo(image.layer());
      requests += 2;
    }
    return requests;
  }

  private static String[] auth(String token) {
    return new String[] {"Authorization", token};
  }
}
