package io.registry.features.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.registry.testkit.RedisServer;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Redis that not everybody may use, and that the registry may. */
@Tag("external")
class RedisAccessHttpTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final String TAGS = "/v1/repositories/foo/bar/tags";

  private static final Path MANUAL = Path.of("docs/cache.md");
  private static final String RULES = "user registry on >PASSWORD ";

  @TempDir Path store;

  @Test
  void aUserWhoMayDoNoMoreThanTheManualSaysIsEnough() throws IOException {
    String rules =
        Files.readAllLines(MANUAL).stream()
            .filter(line -> line.startsWith(RULES))
            .findFirst()
            .orElseThrow()
            .substring(RULES.length());
    try (RedisServer redis = RedisServer.startWithUser("registry", "secret", rules.split(" "))) {
      assertUsed(redis);
    }
  }

  @Test
  void aServerThatSpeaksTlsOnlyIsUsed() {
    assumeTrue(RedisServer.hasTls(), "this redis-server has no TLS");
    try (RedisServer redis = RedisServer.startWithTls()) {
      assertUsed(redis);
    }
  }

  private void assertUsed(RedisServer redis) {
    List<String> arguments = new ArrayList<>(List.of(redis.arguments()));
    arguments.add("--registry.cache.lease=100ms");
    try (RegistryServer registry = RegistryServer.start(store, arguments.toArray(String[]::new))) {
      TestClient client = registry.client();
      TestImage image = TestImage.base("image", "a layer").push(client);
      assertThat(client.put(TAGS + "/latest", "\"" + image.id() + "\"").status()).isEqualTo(200);

      // Until the epoch has begun, nothing is remembered.
      await()
          .atMost(LONG)
          .until(
              () -> {
                assertThat(client.get(TAGS).text()).contains(image.id());
                assertThat(client.get(image.path("json")).status()).isEqualTo(200);
                return redis.keys().stream().anyMatch(key -> key.contains(":repository:"))
                    && redis.keys().stream().anyMatch(key -> key.contains(":descriptors:"));
              });

      List<String> commands =
          redis.commands(() -> assertThat(client.get(TAGS).text()).contains(image.id()));
      assertThat(commands).filteredOn(command -> command.contains(" find ")).hasSize(1);
      assertThat(commands).noneMatch(command -> command.contains(" remember "));
      assertThat(client.delete(TAGS + "/latest").status()).isEqualTo(200);
      assertThat(client.get(TAGS + "/latest").status()).isEqualTo(404);
      // The layer is no archive: that comes out in the background, by way of the queue.
      await().atMost(LONG).until(() -> client.get(image.path("diff")).status() == 400);
      assertThat(registry.bean(RedisCircuit.class).isOpen()).isFalse();
    }
  }
}
