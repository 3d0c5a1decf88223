package io.registry.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.registry.features.cache.RedisCircuit;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("external")
class RedisClusterHttpTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  @TempDir Path store;

  @Test
  void aRegistryFindsTheServerThatHasItsKeys() {
    try (RedisCluster redis = RedisCluster.start();
        RegistryServer registry = RegistryServer.start(store, redis.arguments())) {
      RedisCircuit circuit = registry.bean(RedisCircuit.class);
      await().atMost(LONG).until(() -> !circuit.isOpen());
      RedisServer server =
          redis.servers().stream().filter(each -> !each.keys().isEmpty()).findFirst().orElseThrow();

      server.kill();
      await().atMost(LONG).until(circuit::isOpen);
      server.startAgain();
      redis.awaitWhole();

      await().atMost(LONG).until(() -> !circuit.isOpen());
      assertThat(server.keys()).anyMatch(key -> key.endsWith(":probe"));
    }
  }
}
