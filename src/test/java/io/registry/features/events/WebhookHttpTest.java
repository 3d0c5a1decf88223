package io.registry.features.events;

import static io.registry.testkit.WebhookReceiver.cut;
import static io.registry.testkit.WebhookReceiver.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.registry.testkit.PassingClock;
import io.registry.testkit.PassingRegistry;
import io.registry.testkit.RawConnection;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestDatabase;
import io.registry.testkit.TestImage;
import io.registry.testkit.WebhookReceiver;
import io.registry.testkit.WebhookReceiver.Post;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A receiver is told what happens, whatever it does. */
@Tag("external")
@ExtendWith(OutputCaptureExtension.class)
@Tag("slow")
class WebhookHttpTest {
  private static final String SECRET = "s3cret-do-not-tell";
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String TAGS = "/v1/repositories/team/app/tags/";

  /** An event as CNCF Distribution sends it. */
  private static final String SAMPLE =
      """
      {"events": [{
        "id": "320678d8-ca14-430f-8bb6-4ca139cd83f7",
        "timestamp": "2016-03-09T14:44:26.402973972-08:00",
        "action": "push",
        "target": {
          "mediaType": "application/vnd.docker.distribution.manifest.v1+json",
          "size": 708,
          "digest": "sha256:fea8895f450959fa676bcc1df0611ea93823a735a01205fd8622846041d0c7cf",
          "length": 708,
          "repository": "hello-world",
          "url": "http://192.168.100.227:5000/v2/hello-world/manifests/sha256:fea8895f450959f",
          "tag": "latest"},
        "request": {
          "id": "6df24a34-0959-4923-81ca-14f09767db19",
          "addr": "192.168.64.11:42961",
          "host": "192.168.100.227:5000",
          "method": "PUT",
          "useragent": "curl/7.38.0"},
        "actor": {"name": "somebody"},
        "source": {"addr": "xtal.local:5000", "instanceID": "a53db899-3b4b-4a62-a067-8dd013beaca4"}
      }]}
      """;

  @TempDir Path folder;

  private final WebhookReceiver receiver = WebhookReceiver.start();
  private final List<RegistryServer> servers = new ArrayList<>();
  private final TestImage image = TestImage.base("image", "a layer");

  @AfterEach
  void stop() {
    servers.forEach(RegistryServer::close);
    receiver.close();
  }

  @Test
  void aTagThatIsSetIsToldAsDistributionWouldTellIt() {
    TestClient client = start(webhook("ci", "secret=" + SECRET)).client();
    image.push(client);

    tag(client, "v1", image, "User-Agent", "docker/1.5.0", "X-Request-Id", "req-1");

    Post post = awaitPosts(1).get(0);
    assertThat(post.header("Content-Type"))
        .isEqualTo("application/vnd.docker.distribution.events.v1+json");
    JsonNode event = post.json().at("/events/0");
    JsonNode sample = new JsonMapper().readTree(SAMPLE).at("/events/0");
    assertThat(paths("", event)).isSubsetOf(paths("", sample));
    assertThat(paths("", sample))
        .as("what only others know: how long a manifest is, and who is asking")
        .isEqualTo(union(paths("", event), "/target/size", "/target/length", "/actor/name"));
    assertThat(event.path("action").asString()).isEqualTo("push");
    assertThat(Instant.parse(event.path("timestamp").asString())).isBefore(Instant.now());
    JsonNode target = event.path("target");
    assertThat(target.path("repository").asString()).isEqualTo("team/app");
    assertThat(target.path("tag").asString()).isEqualTo("v1");
    assertThat(target.path("digest").asString()).isEqualTo("sha256:" + image.id());
    assertThat(target.path("mediaType").asString())
        .isEqualTo("application/vnd.docker.distribution.manifest.v1+json");
    URI url = URI.create(target.path("url").asString());
    assertThat(url.getAuthority()).isEqualTo("127.0.0.1:" + client.port());
    assertThat(client.get(url.getRawPath()).text()).isEqualTo("\"" + image.id() + "\"");
    JsonNode request = event.path("request");
    assertThat(request.path("id").asString()).isEqualTo("req-1");
    assertThat(request.path("addr").asString()).isEqualTo("127.0.0.1");
    assertThat(request.path("host").asString()).isEqualTo("127.0.0.1:" + client.port());
    assertThat(request.path("method").asString()).isEqualTo("PUT");
    assertThat(request.path("useragent").asString()).isEqualTo("docker/1.5.0");
    assertThat(event.path("actor").isEmpty()).isTrue();
    assertThat(post.header("webhook-id")).isEqualTo(event.path("id").asString());
  }

  @Test
  void removalsAreToldAsDeletionsWithoutDigest() {
    TestClient client = start(webhook("ci")).client();
    image.push(client);
    for (String name : List.of("v1", "v2", "_x")) {
      tag(client, name, image);
    }
    assertThat(client.delete(TAGS + "v1").status()).isEqualTo(200);
    assertThat(client.delete("/v1/repositories/team/app/").status()).isEqualTo(200);

    List<Post> posts = awaitPosts(5);
    assertThat(posts.get(3).told()).isEqualTo("delete team/app:v1");
    assertThat(posts.get(3).json().at("/events/0/target").has("digest")).isFalse();
    JsonNode events = posts.get(4).json().path("events");
    assertThat(events.valueStream().map(event -> event.path("action").asString()))
        .containsExactly("delete", "delete", "delete");
    assertThat(events.valueStream().map(event -> event.at("/target/tag").asString("")))
        .containsExactly("_x", "v2", "");
    assertThat(events.valueStream().map(event -> event.path("id").asString()).distinct())
        .hasSize(3)
        .contains(posts.get(4).header("webhook-id"));
  }

  @Test
  void aReceiverThatFailsForAWhileGetsAllInOrderWithTheSameIds() {
    TestClient client =
        start(webhook("ci", "backoff=5ms", "backoff-max=20ms", "timeout=300ms")).client();
    image.push(client);
    receiver.next(
        status(500),
        cut(),
        status(503, "Retry-After", "0"),
        status(302, "Location", receiver.url() + "/elsewhere"),
        receiver.hang(),
        status(404),
        status(429));

    for (int i = 0; i < 5; i++) {
      tag(client, "v" + i, image);
    }

    List<Post> posts = awaitPosts(12);
    assertThat(posts).extracting(Post::path).containsOnly("/hook");
    assertThat(posts.subList(0, 8)).extracting(Post::told).containsOnly("push team/app:v0");
    assertThat(posts.subList(0, 8).stream().map(Post::body).distinct()).hasSize(1);
    assertThat(posts.subList(0, 8).stream().map(post -> post.header("webhook-id")).distinct())
        .hasSize(1);
    assertThat(posts.subList(8, 12))
        .extracting(Post::told)
        .containsExactly(
            "push team/app:v1", "push team/app:v2", "push team/app:v3", "push team/app:v4");
  }

  @Test
  void theExampleInTheManualVerifiesWhatIsSent() throws Exception {
    TestClient client = start(webhook("ci", "secret=" + SECRET, "headers.X-Extra=more")).client();
    image.push(client);
    tag(client, "v1", image);
    Post post = awaitPosts(1).get(0);
    assertThat(post.header("X-Extra")).isEqualTo("more");

    assertThat(verify(post, post.body(), SECRET)).isEqualTo("True");
    assertThat(verify(post, post.body() + " ", SECRET)).isEqualTo("False");
    assertThat(verify(post, post.body(), "another")).isEqualTo("False");
  }

  /** Runs the Python of docs/events.md. */
  private String verify(Post post, String body, String secret) throws Exception {
    String page = Files.readString(Path.of("docs/events.md"));
    int start = page.indexOf("```python\n") + "```python\n".length();
    String example = page.substring(start, page.indexOf("```", start));
    String call =
        "\nprint(verify({'webhook-id': '%s', 'webhook-timestamp': '%s', 'webhook-signature': '%s'},"
            + " b'''%s''', '%s'))";
    Process python =
        new ProcessBuilder(
                "python3",
                "-c",
                example
                    + call.formatted(
                        post.header("webhook-id"),
                        post.header("webhook-timestamp"),
                        post.header("webhook-signature"),
                        body,
                        secret))
            .redirectErrorStream(true)
            .start();
    return new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
  }

  @Test
  void whatWasGivenUpIsADeadLetterThatCanBeSeenAndTriedAgain(CapturedOutput output) {
    RegistryServer server =
        startPassing(webhook("ci", "give-up-after=1h", "headers.X-Token=" + SECRET));
    TestClient client = server.client();
    image.push(client);
    receiver.down();
    tag(client, "v1", image);
    tag(client, "v2", image);
    awaitAttempts(server, "failed", 1);
    assertHealth(client, "UP", "UP");

    pass(server, Duration.ofMinutes(6));
    await().atMost(PATIENCE).untilAsserted(() -> assertHealth(client, "DEGRADED", "DEGRADED"));
    pass(server, Duration.ofHours(1));

    await().atMost(PATIENCE).untilAsserted(() -> assertThat(letters(client)).hasSize(2));
    JsonNode letter = letters(client).get(0);
    assertThat(letter.path("webhook").asString()).isEqualTo("ci");
    assertThat(letter.path("subject").asString()).isEqualTo("tag-set team/app:v1");
    assertThat(letter.path("failure").asString()).isEqualTo("ConnectException");
    assertThat(letter.path("attempts").asInt()).isGreaterThanOrEqualTo(2);
    await().atMost(PATIENCE).untilAsserted(() -> assertMeter(client, "registry.events.dead", 2));
    assertHealth(client, "DEGRADED", "DEGRADED");
    assertThat(client.get("/actuator/health/readiness").text()).contains("\"UP\"");
    assertThat(client.get("/api/events/dead-letters").text())
        .doesNotContain(SECRET, receiver.url(), "127.0.0.1", "useragent");
    assertThat(output.getAll())
        .contains("did not get the event tag-set team/app:v1")
        .doesNotContain(SECRET, receiver.url());

    receiver.up();
    String path = "/api/events/dead-letters/" + letter.path("id").asString();
    assertThat(client.post(path + "/retry", "{}", "Content-Type", "text/plain").status())
        .isEqualTo(415);
    assertThat(retry(client, path)).isEqualTo(204);
    assertThat(awaitPosts(1).get(0).told()).isEqualTo("push team/app:v1");
    assertThat(awaitPosts(1).get(0).header("webhook-id"))
        .isEqualTo(letter.path("message").asString());
    assertThat(retry(client, path)).isEqualTo(404);
    String second = "/api/events/dead-letters/" + letters(client).get(0).path("id").asString();
    assertThat(client.delete(second).status()).isEqualTo(204);
    assertThat(client.delete(second).status()).isEqualTo(404);
    assertThat(client.delete("/api/events/dead-letters/x").status()).isEqualTo(404);
    assertThat(letters(client)).isEmpty();
    await().atMost(PATIENCE).untilAsserted(() -> assertHealth(client, "UP", "UP"));
  }

  @Test
  void whatAReceiverWillNeverTakeIsGivenUpAtOnceAndHoldsUpNothing() {
    TestClient client = start(webhook("ci")).client();
    image.push(client);
    receiver.next(status(410));

    tag(client, "v1", image);
    tag(client, "v2", image);

    awaitPosts(2);
    assertThat(receiver.told()).containsExactly("push team/app:v1", "push team/app:v2");
    assertThat(letters(client))
        .extracting(letter -> letter.path("failure").asString())
        .containsExactly("HTTP 410");
    assertThat(client.get("/api/events/dead-letters?limit=x").status()).isEqualTo(400);
    assertThat(client.get("/api/events/dead-letters?limit=0").status()).isEqualTo(400);
    assertThat(client.get("/api/events/dead-letters?after=x").status()).isEqualTo(404);
  }

  @Test
  void eachWebhookIsToldWhatItWantsToKnow() {
    WebhookReceiver all = WebhookReceiver.start();
    try {
      List<String> arguments = new ArrayList<>(Arrays.asList(webhook("ci", "repositories=team/*")));
      arguments.add("--registry.events.webhooks.all.url=" + all.url());
      arguments.add(
          "--registry.events.webhooks.all.events=repository-created,repository-updated,image-pushed");
      TestClient client = start(arguments.toArray(String[]::new)).client();
      String list = "[{\"id\": \"" + image.id() + "\"}]";
      client.put("/v1/repositories/team/app/", list);
      image.push(client);
      tag(client, "v1", image);
      client.put("/v1/repositories/else/app/tags/v1", "\"" + image.id() + "\"");
      client.put("/v1/repositories/team/app/", list);
      client.put("/v1/repositories/team/app/properties", "{\"access\": \"private\"}");
      tag(client, "v2", image);

      awaitPosts(2);
      assertThat(receiver.told()).containsExactly("push team/app:v1", "push team/app:v2");
      await().atMost(PATIENCE).until(() -> all.posts().size() == 3);
      assertThat(all.told()).containsExactly("push team/app:", "push :", "push team/app:");
      JsonNode pushed = all.posts().get(1).json().at("/events/0/target");
      assertThat(pushed.path("digest").asString()).isEqualTo("sha256:" + image.id());
      URI url = URI.create(pushed.path("url").asString());
      assertThat(client.get(url.getRawPath()).bytes()).isEqualTo(image.json());
      url = URI.create(all.posts().get(0).json().at("/events/0/target/url").asString());
      assertThat(client.get(url.getRawPath()).text()).isEqualTo(list);
    } finally {
      all.close();
    }
  }

  @Test
  void theUrlLeadsToAHostOfTheRegistryWhateverTheClientSays() throws IOException {
    List<String> arguments = new ArrayList<>(Arrays.asList(webhook("ci")));
    arguments.add("--registry.allowed-hosts=registry.example");
    RegistryServer server = start(arguments.toArray(String[]::new));
    image.push(server.client());

    String body = "\"" + image.id() + "\"";
    String request =
        "PUT %sv1 HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(TAGS, body.length(), body);
    assertThat(RawConnection.exchange(server.port(), request)).startsWith("HTTP/1.1 200");

    JsonNode event = awaitPosts(1).get(0).json().at("/events/0");
    assertThat(event.at("/target/url").asString())
        .isEqualTo("http://127.0.0.1:" + server.port() + TAGS + "v1");
    assertThat(event.at("/request/host").asString()).isEqualTo("evil.example");
  }

  @Test
  void whatAReceiverSaysIsNotReadToItsEnd() {
    TestClient client = start(webhook("ci")).client();
    image.push(client);
    receiver.next(
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          try (OutputStream out = exchange.getResponseBody()) {
            while (true) {
              out.write(new byte[64 * 1024]);
            }
          }
        });

    tag(client, "v1", image);
    tag(client, "v2", image);

    awaitPosts(2);
    assertThat(receiver.told()).containsExactly("push team/app:v1", "push team/app:v2");
  }

  @Test
  void theLogTellsEachEventInOneLine(CapturedOutput output) {
    TestClient client = start("--registry.events.log=true").client();
    client.put("/v1/repositories/team/odd%20name/", "[]");
    image.push(client);
    tag(client, "v1", image, "X-Request-Id", "req-7");
    client.delete("/v1/repositories/team/app/");
    client.put("/v1/repositories/team/app/properties", "{\"access\": \"private\"}");

    assertThat(output.getAll().lines().filter(line -> line.contains("registry.events  ")))
        .extracting(
            line ->
                line.replaceFirst(".*: event", "event")
                    .replaceAll("[0-9a-f]{8}-[0-9a-f-]{27}|(?<=request=)[0-9a-f]{16}", "ID"))
        .containsExactly(
            "event=repository-created repository=\"team/odd name\" from=127.0.0.1 request=ID id=ID",
            "event=image-pushed image=" + image.id() + " from=127.0.0.1 request=ID id=ID",
            "event=tag-set repository=team/app tag=v1 image="
                + image.id()
                + " from=127.0.0.1 request=req-7 id=ID",
            "event=repository-removed repository=team/app tags=v1 from=127.0.0.1 request=ID id=ID",
            "event=repository-made-private repository=team/app from=127.0.0.1 request=ID id=ID");
  }

  @Test
  void withoutSettingsNobodyListensAndThereIsNoDatabase() {
    Path database = folder.resolve("none");
    RegistryServer server = start("--spring.datasource.url=" + TestDatabase.h2(database));
    image.push(server.client());

    assertThat(server.client().get("/api/events/dead-letters").status()).isEqualTo(404);
    for (Class<?> type :
        List.of(
            EventTelling.class,
            EventOrigins.class,
            EventSink.class,
            Outbox.class,
            VetoRules.class,
            SignedPost.class)) {
      assertThatThrownBy(() -> server.bean(type)).isInstanceOf(NoSuchBeanDefinitionException.class);
    }
    assertThat(folder)
        .isDirectoryNotContaining(path -> path.getFileName().toString().startsWith("none"));
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getName().startsWith("webhook-"));
  }

  private List<Post> awaitPosts(int count) {
    await().atMost(PATIENCE).until(() -> receiver.posts().size() >= count);
    return receiver.posts();
  }

  private void awaitAttempts(RegistryServer server, String outcome, int count) {
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                server
                    .client()
                    .get("/actuator/metrics/registry.events.deliveries?tag=outcome:" + outcome)
                    .text()
                    .contains("\"value\":" + count + ".0"));
  }

  private static void assertMeter(TestClient client, String name, int value) {
    assertThat(client.get("/actuator/metrics/" + name).text())
        .contains("\"value\":" + value + ".0");
  }

  private static void assertHealth(TestClient client, String ofWebhooks, String overall) {
    TestClient.Answer health = client.get("/actuator/health");
    assertThat(health.status()).isEqualTo(200);
    assertThat(health.text())
        .contains("\"webhooks\":{\"status\":\"" + ofWebhooks + "\"}")
        .endsWith("\"status\":\"" + overall + "\"}");
  }

  private static void pass(RegistryServer server, Duration time) {
    ((PassingClock) server.bean(Clock.class)).pass(time);
    server.bean(WebhookDeliveries.class).wake("ci");
  }

  private static List<JsonNode> letters(TestClient client) {
    TestClient.Answer answer = client.get("/api/events/dead-letters");
    assertThat(answer.status()).isEqualTo(200);
    return new JsonMapper().readTree(answer.text()).path("letters").valueStream().toList();
  }

  private static int retry(TestClient client, String path) {
    return client.post(path + "/retry", "{}", "Content-Type", "application/json").status();
  }

  private static void tag(TestClient client, String name, TestImage image, String... headers) {
    assertThat(client.put(TAGS + name, "\"" + image.id() + "\"", headers).status()).isEqualTo(200);
  }

  private static Set<String> paths(String path, JsonNode node) {
    Set<String> paths = new TreeSet<>();
    node.properties()
        .forEach(
            entry ->
                paths.addAll(
                    entry.getValue().isObject()
                        ? paths(path + "/" + entry.getKey(), entry.getValue())
                        : Set.of(path + "/" + entry.getKey())));
    return paths;
  }

  private static Set<String> union(Set<String> some, String... more) {
    Set<String> all = new TreeSet<>(some);
    all.addAll(List.of(more));
    return all;
  }

  private String[] webhook(String name, String... settings) {
    List<String> arguments = new ArrayList<>();
    String prefix = "--registry.events.webhooks." + name + ".";
    if (Arrays.stream(settings).noneMatch(setting -> setting.startsWith("url="))) {
      arguments.add(prefix + "url=" + receiver.url());
    }
    for (String setting : settings) {
      arguments.add(prefix + setting);
    }
    arguments.add("--spring.datasource.url=" + TestDatabase.h2(folder.resolve("db")));
    return arguments.toArray(String[]::new);
  }

  private RegistryServer start(String... arguments) {
    RegistryServer server = RegistryServer.start(folder.resolve("store"), arguments);
    servers.add(server);
    return server;
  }

  private RegistryServer startPassing(String... arguments) {
    RegistryServer server = PassingRegistry.start(folder.resolve("store"), arguments);
    servers.add(server);
    return server;
  }
}
