package io.registry.features.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.registry.access.auth.AccessToken;
import io.registry.access.auth.TokenHeader;
import io.registry.access.auth.TokenVerifier;
import io.registry.content.image.ImageId;
import io.registry.testkit.FakeIndex;
import io.registry.testkit.RedisServer;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestImage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** Two registries of one index and one Redis. */
@Tag("external")
@TestInstance(Lifecycle.PER_CLASS)
class SharedGrantsHttpTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final String REPOSITORY = "team/app";
  private static final ImageId IMAGE = new ImageId(TestImage.id("image"));
  private static final ImageId PARENT = new ImageId(TestImage.id("parent"));

  private final RedisServer redis = RedisServer.start();
  private final FakeIndex index = FakeIndex.start();
  private RegistryServer one;
  private RegistryServer other;

  @BeforeAll
  void start(@TempDir Path store) {
    one = startOn(store);
    other = startOn(store);
    index.list(REPOSITORY, IMAGE.value());
    index.allow(REPOSITORY, PARENT.value());
  }

  private RegistryServer startOn(Path store) {
    List<String> arguments = new ArrayList<>(List.of(redis.arguments()));
    arguments.add("--registry.index.mode=remote");
    arguments.add("--registry.index.remote.endpoint=" + index.endpoint());
    arguments.add("--registry.index.remote.timeout=20s");
    arguments.add("--registry.cache.timeout=500ms");
    return RegistryServer.start(store, arguments.toArray(String[]::new));
  }

  @AfterAll
  void stop() {
    one.close();
    other.close();
    index.close();
    redis.close();
  }

  @BeforeEach
  void awaitRedis() {
    redis.run("FLUSHALL");
    for (RegistryServer each : List.of(one, other)) {
      RedisCircuit circuit = each.bean(RedisCircuit.class);
      await().atMost(LONG).until(() -> !circuit.isOpen());
    }
  }

  private static TokenVerifier verifier(RegistryServer registry) {
    return registry.bean(TokenVerifier.class);
  }

  private AccessToken token() {
    return TokenHeader.token(index.issue(REPOSITORY, "write")).orElseThrow();
  }

  private List<String> keys() {
    return redis.keys().stream().filter(key -> key.contains(":grants:")).toList();
  }

  @Test
  void whatOneWasToldTheOtherDoesNotAsk() {
    AccessToken token = token();
    int before = index.timesAsked();
    assertThat(verifier(one).verify(token)).isPresent();
    assertThat(verifier(one).mayAccess(token, PARENT)).isTrue();
    assertThat(index.timesAsked()).isEqualTo(before + 2);

    assertThat(verifier(other).verify(token)).isEqualTo(verifier(one).verify(token));
    assertThat(verifier(other).verify(token).orElseThrow().images()).containsExactly(IMAGE);
    assertThat(verifier(other).mayAccess(token, PARENT)).isTrue();
    assertThat(index.timesAsked()).isEqualTo(before + 2);
  }

  @Test
  void inRedisThereIsNoTokenAndNothingStaysForLongerThanItCounts() {
    AccessToken token = token();
    List<String> commands =
        redis.commands(() -> assertThat(verifier(one).verify(token)).isPresent());
    assertThat(commands).isNotEmpty().noneMatch(command -> command.contains("secret"));
    assertThat(keys())
        .singleElement()
        .asString()
        .matches("registry:1:[a-f0-9]+:grants:[a-f0-9]{64}");
    assertThat(Long.parseLong(redis.run("PTTL", keys().get(0)).strip())).isBetween(1L, 30_000L);
  }

  @Test
  void whatSomebodyElseHasPutThereIsAskedFor() {
    for (String poison : List.of("", "poison", "\u0001\u0000\u0000\u0000\u0000poison")) {
      AccessToken token = token();
      int before = index.timesAsked();
      assertThat(verifier(one).verify(token)).isPresent();
      redis.set(keys().get(0), poison.getBytes(StandardCharsets.ISO_8859_1));
      assertThat(verifier(other).verify(token)).isPresent();
      assertThat(index.timesAsked()).isEqualTo(before + 2);
      redis.run("FLUSHALL");
    }
  }

  @Test
  void withoutRedisTheIndexIsAsked() {
    redis.kill();
    AccessToken token = token();
    int before = index.timesAsked();
    for (int i = 0; i < 3; i++) {
      assertThat(verifier(one).verify(token)).isPresent();
      assertThat(verifier(other).verify(token)).isPresent();
    }
    assertThat(index.timesAsked()).isEqualTo(before + 2);
    redis.startAgain();
  }
}
