package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.registry.testkit.RedisServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** Two registries with the profile redis on one store and one Redis. */
@Tag("external")
@TestInstance(Lifecycle.PER_CLASS)
@Tag("slow")
class RedisHttpTest {
  private static final List<String> PARTS = List.of("json", "ancestry");

  private final RedisServer redis = RedisServer.start();
  private Path store;
  private CachingRegistry one;
  private CachingRegistry other;
  private List<CachingRegistry> both;

  /** Of each test alone. */
  private String name;

  private String tags;
  private TestImage image;
  private TestImage next;

  @BeforeAll
  void start(@TempDir Path directory) {
    store = directory;
    one = CachingRegistry.start(store, redis.arguments());
    other = CachingRegistry.start(store, redis.arguments());
    both = List.of(one, other);
  }

  @AfterAll
  void stop() {
    both.forEach(CachingRegistry::close);
    redis.close();
  }

  @BeforeEach
  void push(TestInfo test) {
    redis.run("FLUSHALL");
    name = test.getTestMethod().orElseThrow().getName().toLowerCase(Locale.ROOT);
    tags = "/v1/repositories/team/" + name + "/tags";
    image = TestImage.base(name, "a layer");
    next = TestImage.child("after " + name, image, "another layer");
    image.push(one.client());
    next.push(one.client());
    one.move(tags, image);
    both.forEach(each -> each.awaitMemory(tags));
  }

  private List<String> commands(Runnable during) {
    // Those of requests: the others find out whether Redis works, and greet it.
    return redis.commands(during).stream()
        .filter(command -> !command.contains(" probe "))
        .filter(command -> command.startsWith("EVAL") || command.contains("registry:"))
        .toList();
  }

  private static TestClient.Answer ask(CachingRegistry registry, TestImage image, String part) {
    TestClient.Answer answer = registry.client().get(image.path(part));
    assertThat(answer.status()).isEqualTo(200);
    return answer;
  }

  private static void assertAnswers(
      CachingRegistry registry, TestImage image, String part, TestClient.Answer expected) {
    TestClient.Answer answer = ask(registry, image, part);
    assertThat(answer.bytes()).isEqualTo(expected.bytes());
    assertThat(answer.header("X-Docker-Size")).isEqualTo(expected.header("X-Docker-Size"));
  }

  @Test
  void aChangeThroughOneIsSeenThroughTheOtherAtOnce() {
    for (int i = 0; i < 20; i++) {
      TestImage to = i % 2 == 0 ? next : image;
      both.get(i / 2 % 2).move(tags, to);
      both.forEach(each -> each.assertTagged(tags, to));
    }
    assertThat(one.client().delete(tags + "/v1").status()).isEqualTo(200);
    assertThat(other.client().get(tags + "/v1").status()).isEqualTo(404);
    assertThat(other.client().get(tags).status()).isEqualTo(404);
  }

  @Test
  void aRepositoryThatWasOnlyMarkedIsGoneWhenTheMarkGoes() {
    String marked = "/v1/repositories/team/only-marked";
    assertThat(one.client().put(marked + "/properties", "{\"access\":\"private\"}").status())
        .isEqualTo(200);
    both.forEach(each -> assertThat(each.client().get(marked + "/tags").text()).isEqualTo("{}"));
    assertThat(one.client().put(marked + "/properties", "{\"access\":\"public\"}").status())
        .isEqualTo(200);

    both.forEach(each -> assertThat(each.client().get(marked + "/tags").status()).isEqualTo(404));
  }

  @Test
  void aSetupThatReadsFromReplicasIsRefused(@TempDir Path directory) {
    assertThatThrownBy(
            () ->
                CachingRegistry.start(
                    directory,
                    "--spring.profiles.active=redis",
                    "--spring.data.redis.masterreplica.nodes=localhost:1,localhost:2"))
        .rootCause()
        .hasMessageContaining("spring.data.redis.masterreplica.nodes")
        .hasMessageContaining("name one server");
  }

  @Test
  void withoutTimesToLiveRedisIsOnlyToldOfChanges(@TempDir Path directory) {
    List<String> arguments = new ArrayList<>(List.of(redis.arguments()));
    arguments.add("--registry.cache.tags-ttl=0");
    arguments.add("--registry.cache.images-ttl=0");
    try (CachingRegistry forgetful =
        CachingRegistry.start(directory, arguments.toArray(String[]::new))) {
      forgetful.awaitRedis();
      image.push(forgetful.client());
      forgetful.move(tags, image);
      for (int i = 0; i < 3; i++) {
        forgetful.assertTagged(tags, image);
        assertThat(ask(forgetful, image, "json").bytes()).isEqualTo(image.json());
      }
      assertThat(forgetful.hits("tags") + forgetful.hits("descriptors")).isZero();
      assertThat(forgetful.client().get("/actuator/health").text()).doesNotContain("DEGRADED");
    }
  }

  @Test
  void aListOfTenThousandTagsIsOneRoundTrip() throws IOException {
    Path folder = store.resolve("repositories/team/many");
    Files.createDirectories(folder);
    for (int i = 0; i < 10_000; i++) {
      Files.writeString(folder.resolve("tag_v" + i), image.id());
    }
    TestClient.Answer cold = one.client().get("/v1/repositories/team/many/tags");
    List<TestClient.Answer> warm = new ArrayList<>();

    assertThat(commands(() -> warm.add(other.client().get("/v1/repositories/team/many/tags"))))
        .hasSize(1);
    assertThat(warm.get(0).bytes()).isEqualTo(cold.bytes());
    assertThat(cold.text().split(",")).hasSize(10_000);
  }

  @Test
  void imagesAreAskedForOnceByEachProcess() {
    for (String part : PARTS) {
      TestClient.Answer cold = ask(one, next, part);
      assertThat(commands(() -> assertAnswers(one, next, part, cold))).isEmpty();

      assertThat(commands(() -> assertAnswers(other, next, part, cold))).isNotEmpty();
      assertThat(commands(() -> assertAnswers(other, next, part, cold))).isEmpty();
    }
  }

  @Test
  void whateverLiesInRedisTheAnswersAreThoseOfTheStore() {
    List<byte[]> poisons =
        List.of(
            new byte[0],
            "junk".getBytes(StandardCharsets.UTF_8),
            new byte[] {(byte) 0xac, (byte) 0xed, 0, 5, 's', 'r'});
    for (int i = 0; i < poisons.size(); i++) {
      redis.run("FLUSHALL");
      TestImage fresh = TestImage.child(name + i, image, "layer " + i).push(one.client());
      one.assertTagged(tags, image);
      List<TestClient.Answer> cold = PARTS.stream().map(part -> ask(one, fresh, part)).toList();
      List<String> keys = redis.keys().stream().filter(key -> !key.endsWith(":probe")).toList();
      assertThat(keys).hasSizeGreaterThanOrEqualTo(3);
      for (String key : keys) {
        redis.run("DEL", key);
        redis.set(key, poisons.get(i));
      }

      other.assertTagged(tags, image);
      for (int part = 0; part < PARTS.size(); part++) {
        assertAnswers(other, fresh, PARTS.get(part), cold.get(part));
      }
      assertThat(other.client().get(fresh.path("layer")).bytes()).isEqualTo(fresh.layer());
      other.move(tags, fresh);
      one.assertTagged(tags, fresh);
      other.move(tags, image);
    }
  }

  @Test
  void everyKeyHasItsVersionItsStoreAndItsTime() {
    PARTS.forEach(part -> ask(one, next, part));
    one.assertTagged(tags, image);

    assertThat(redis.keys())
        .hasSizeGreaterThanOrEqualTo(3)
        .allSatisfy(
            key -> {
              assertThat(key).matches("registry:1:\\{?[0-9a-f]{16}}?:.*");
              assertThat(Long.parseLong(redis.run("PTTL", key))).isPositive();
            });
  }

  @Test
  void twoStoresOnOneRedisNeverMix(@TempDir Path directory) {
    try (CachingRegistry third = CachingRegistry.start(directory, redis.arguments())) {
      assertThat(third.client().get(tags).status()).isEqualTo(404);
      assertThat(third.client().get(image.path("json")).status()).isEqualTo(404);
      byte[] json =
          ("{\"id\": \"" + image.id() + "\", \"os\": \"other\"}").getBytes(StandardCharsets.UTF_8);
      TestImage sameId = new TestImage(image.id(), json, new byte[] {1}).push(third.client());
      third.move(tags, sameId);
      third.awaitMemory(tags);

      for (int i = 0; i < 2; i++) {
        assertThat(ask(one, image, "json").bytes()).isEqualTo(image.json());
        assertThat(ask(third, image, "json").bytes()).isEqualTo(json);
      }
      one.move(tags, next);
      one.assertTagged(tags, next);
      third.assertTagged(tags, sameId);
    }
  }

  @Test
  void metricsTellHitsMissesLoadsAndRoom() {
    PARTS.forEach(part -> ask(one, next, part));
    double before = one.hits("descriptors");
    PARTS.forEach(part -> ask(one, next, part));

    assertThat(one.hits("descriptors")).isGreaterThan(before);
    for (String cache : List.of("tags", "descriptors", "ancestries")) {
      assertThat(one.count("registry.cache.gets", "cache:" + cache, "result:miss"))
          .as(cache)
          .isPositive();
      assertThat(one.count("registry.cache.load", "cache:" + cache)).as(cache).isPositive();
    }
    for (String cache : List.of("descriptors", "ancestries")) {
      assertThat(one.value("registry.cache.memory", "cache:" + cache)).as(cache).isPositive();
      String evictions = "/actuator/metrics/registry.cache.evictions?tag=cache:" + cache;
      assertThat(one.client().get(evictions).status()).as(cache).isEqualTo(200);
    }
    assertThat(one.client().get("/actuator/metrics/registry.cache.circuit.open").text())
        .contains("\"value\":0.0");
  }

  @Test
  void anImageThatIsPushedAnewBecauseItsLayerWasLostIsSeenByAll() throws IOException {
    for (CachingRegistry each : both) {
      assertThat(ask(each, next, "json").bytes()).isEqualTo(next.json());
      assertThat(ask(each, next, "ancestry").text()).contains(image.id());
    }
    Files.delete(store.resolve("images/" + next.id() + "/layer"));
    TestImage anew = TestImage.of("after " + name, "", new byte[] {1, 2, 3}).push(one.client());

    for (CachingRegistry each : both) {
      TestClient.Answer json = ask(each, next, "json");
      assertThat(json.bytes()).isEqualTo(anew.json());
      assertThat(json.header("X-Docker-Size")).isEqualTo("3");
      assertThat(ask(each, next, "ancestry").text()).doesNotContain(image.id());
      assertThat(ask(each, next, "layer").bytes()).containsExactly(1, 2, 3);
    }
  }
}
