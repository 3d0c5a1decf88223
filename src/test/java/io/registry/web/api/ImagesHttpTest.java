package io.registry.web.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.testkit.PostgresServer;
import io.registry.testkit.RedisServer;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import io.registry.web.api.ApiClient.Answer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Admins free ids, at one of two registries on one store, one database and one Redis. */
@Tag("external")
@TestInstance(Lifecycle.PER_CLASS)
@Tag("slow")
class ImagesHttpTest {
  private static final String PASSWORD = "correct horse";

  /** Far more than a cache needs; only there so that a hang fails. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final List<String> PARTS = List.of("json", "ancestry", "layer");
  private static final Logger AUDIT = (Logger) LoggerFactory.getLogger("registry.audit");

  private final RedisServer redis = RedisServer.start();
  private final ListAppender<ILoggingEvent> told = new ListAppender<>();
  private RegistryServer one;
  private RegistryServer other;
  private ApiClient admin;

  @BeforeAll
  void start(@TempDir Path store) {
    String url = PostgresServer.shared().newDatabase();
    String[] arguments =
        Stream.of(
                List.of(PostgresServer.arguments(url)),
                List.of(redis.arguments()),
                List.of(
                    "--registry.index.admin.password=" + PASSWORD,
                    "--registry.cache.lease=500ms",
                    // So that a slow machine is no outage.
                    "--registry.cache.timeout=500ms"))
            .flatMap(List::stream)
            .toArray(String[]::new);
    one = RegistryServer.start(store, arguments);
    other = RegistryServer.start(store, arguments);
    admin = ApiClient.anonymous(one.client()).as("admin", PASSWORD);
    for (String name : List.of("alice", "bob", "mallory")) {
      String user = "{'name': '" + name + "', 'password': '" + PASSWORD + "'}";
      assertThat(admin.post("/api/users", user).status()).isEqualTo(201);
    }
  }

  @AfterAll
  void stop() {
    for (AutoCloseable each : new AutoCloseable[] {one, other, redis}) {
      close(each);
    }
  }

  private static void close(AutoCloseable server) {
    try {
      server.close();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @BeforeEach
  void listen() {
    told.start();
    AUDIT.addAppender(told);
  }

  @AfterEach
  void leave() {
    AUDIT.detachAppender(told);
  }

  @Test
  void anIdThatTagsNeedIsFreedByForceOnly() {
    TestImage base = TestImage.base("needed", "a base");
    TestImage top = TestImage.child("needs it", base, "on the base");
    push("alice", "alice/needing", base);
    push("alice", "alice/needing", top);
    IntStream.range(10, 22).forEach(i -> tag("alice", "alice/needing", "v" + i, top));
    String path = "/api/images/" + base.id();

    Answer refused = admin.delete(path);

    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.error())
        .isEqualTo(
            "The image is needed by "
                + IntStream.range(10, 20)
                    .mapToObj(i -> "alice/needing:v" + i)
                    .collect(Collectors.joining(", ")));
    assertRead("alice", base);
    Stream.of("", "?force=true")
        .forEach(
            query ->
                assertThat(
                        ApiClient.anonymous(one.client())
                            .as("mallory", PASSWORD)
                            .delete(path + query)
                            .status())
                    .isEqualTo(404));

    assertThat(admin.delete(path + "?force=true").status()).isEqualTo(204);

    assertGone("alice", base);
    assertThat(admin.delete(path).status()).isEqualTo(404);
    assertThat(get(other, "alice", "/v1/repositories/alice/needing/tags/v10").text())
        .isEqualTo('"' + top.id() + '"');
    assertThat(lines())
        .contains(
            "event=image who=user:admin from=127.0.0.1 outcome=freed image="
                + base.id()
                + " forced=true",
            "event=administration who=user:admin from=127.0.0.1 outcome=refused status=409"
                + " method=DELETE path="
                + path);

    // Pushed again, it completes what the tags lead to.
    push("alice", "alice/needing", base);
    assertRead("alice", base);
  }

  @Test
  void theNextImageUnderAFreedIdHasNoReadersOfTheLastOne() {
    TestImage image = TestImage.base("freed", "the last one");
    TestImage next =
        new TestImage(
            image.id(),
            "{\"id\": \"%s\", \"author\": \"bob\"}"
                .formatted(image.id())
                .getBytes(StandardCharsets.UTF_8),
            "the next one".getBytes(StandardCharsets.UTF_8));
    push("alice", "alice/freed", image);
    push("mallory", "mallory/freed", image);
    announce("mallory", "mallory/claimed", image);
    assertThat(next.putJson(other.client(), as("bob")).status()).isEqualTo(400);
    announce("bob", "bob/freed", next);
    assertThat(next.putJson(other.client(), as("bob")).status()).isEqualTo(200);
    assertThat(next.putLayer(other.client(), as("bob")).status()).isEqualTo(200);
    assertThat(next.putChecksum(other.client(), as("bob")).status()).isEqualTo(409);
    awaitMemory("alice", image);

    assertThat(admin.delete("/api/images/" + image.id()).status()).isEqualTo(204);

    Stream.of("alice", "mallory").forEach(user -> assertGone(user, image));
    assertThat(lines())
        .contains(
            "event=image who=user:admin from=127.0.0.1 outcome=freed image="
                + image.id()
                + " forced=false");

    push("bob", "bob/freed", next);
    assertRead("bob", next);
    Stream.of("alice", "mallory").forEach(user -> assertGone(user, image));
  }

  @Test
  void whatARemovalThatWasBrokenOffLeftBehindIsRemoved() {
    TestImage image = TestImage.base("left behind", "layer");
    BlobStorage storage = one.bean(BlobStorage.class);
    BlobKey folder = BlobKey.of("images", image.id());
    storage.write(folder.child("_inprogress"), new byte[0]);
    storage.write(folder.child("layer"), image.layer());

    assertThat(admin.delete("/api/images/" + image.id()).status()).isEqualTo(204);

    try (Stream<String> names = storage.names(folder)) {
      assertThat(names).isEmpty();
    }
  }

  private void assertRead(String user, TestImage image) {
    for (RegistryServer each : List.of(one, other)) {
      assertThat(get(each, user, image.path("json")).bytes()).isEqualTo(image.json());
      assertThat(get(each, user, image.path("ancestry")).text()).contains(image.id());
      assertThat(get(each, user, image.path("layer")).bytes()).isEqualTo(image.layer());
    }
  }

  private void assertGone(String user, TestImage image) {
    for (RegistryServer each : List.of(one, other)) {
      for (String part : PARTS) {
        assertThat(get(each, user, image.path(part)).status()).as(part).isEqualTo(404);
      }
    }
  }

  /** Returns when both remember the image. */
  private void awaitMemory(String user, TestImage image) {
    for (RegistryServer each : List.of(one, other)) {
      for (String part : List.of("json", "ancestry")) {
        String cache = part.equals("json") ? "descriptors" : "ancestries";
        double before = hits(each, cache);
        await()
            .atMost(PATIENCE)
            .until(
                () -> {
                  assertThat(get(each, user, image.path(part)).status()).isEqualTo(200);
                  return hits(each, cache) > before;
                });
      }
    }
  }

  private static double hits(RegistryServer server, String cache) {
    return server
        .bean(MeterRegistry.class)
        .find("registry.cache.gets")
        .tags("cache", cache, "result", "hit")
        .counters()
        .stream()
        .mapToDouble(Counter::count)
        .sum();
  }

  private List<String> lines() {
    return List.copyOf(told.list).stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  private void push(String user, String repository, TestImage image) {
    announce(user, repository, image);
    Stream.of(
            image.putJson(other.client(), as(user)),
            image.putLayer(other.client(), as(user)),
            image.putChecksum(other.client(), as(user)))
        .forEach(answer -> assertThat(answer.status()).as("%s", answer).isEqualTo(200));
  }

  private void announce(String user, String repository, TestImage image) {
    assertThat(
            other
                .client()
                .put(
                    "/v1/repositories/" + repository + "/",
                    "[{\"id\": \"" + image.id() + "\"}]",
                    as(user))
                .status())
        .isEqualTo(200);
  }

  private void tag(String user, String repository, String tag, TestImage image) {
    assertThat(
            other
                .client()
                .put(
                    "/v1/repositories/" + repository + "/tags/" + tag,
                    '"' + image.id() + '"',
                    as(user))
                .status())
        .isEqualTo(200);
  }

  private static TestClient.Answer get(RegistryServer server, String user, String path) {
    return server.client().get(path, as(user));
  }

  private static String[] as(String user) {
    return new String[] {"Authorization", ApiClient.basic(user, PASSWORD)};
  }
}
