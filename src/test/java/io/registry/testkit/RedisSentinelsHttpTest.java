package io.registry.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.registry.features.cache.RedisCircuit;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("external")
class RedisSentinelsHttpTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  @TempDir Path store;

  @Test
  void aRegistryFindsThePrimaryAndTheOneThatComesAfterIt() {
    try (RedisSentinels redis = RedisSentinels.start();
        RegistryServer registry = RegistryServer.start(store, redis.arguments())) {
      RedisCircuit circuit = registry.bean(RedisCircuit.class);
      RedisServer first = redis.primary();
      await().atMost(LONG).until(() -> !circuit.isOpen());
      assertThat(first.keys()).anyMatch(key -> key.endsWith(":probe"));

      redis.failOver();

      RedisServer second = redis.primary();
      assertThat(second.port()).isNotEqualTo(first.port());
      assertThat(first.isRunning()).isFalse();
      assertThat(second.run("FLUSHALL")).isEqualTo("OK");
      await()
          .atMost(LONG)
          .until(() -> second.keys().stream().anyMatch(key -> key.endsWith(":probe")));
      await().atMost(LONG).until(() -> !circuit.isOpen());
    }
  }

  @Test
  void aPrimaryThatWasPausedBecomesAReplica() {
    try (RedisSentinels redis = RedisSentinels.start()) {
      RedisServer old = redis.failOverPaused();
      old.resume();

      await()
          .atMost(LONG)
          .ignoreExceptionsInstanceOf(UncheckedIOException.class)
          .until(() -> old.run("ROLE").startsWith("slave\n127.0.0.1\n" + redis.primary().port()));
    }
  }
}
