package io.registry.features.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.registry.testkit.RedisCluster;
import io.registry.testkit.RedisSentinels;
import io.registry.testkit.RedisServer;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.Together;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever becomes of those who remember, two registries on one store look like one, and new. */
@Tag("external")
@Tag("slow")
class TagLinearizabilityHttpTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Short, so that many epochs begin and end in a test. */
  private static final String LEASE = "--registry.cache.lease=100ms";

  /** So many answers from what is remembered show that something is remembered again. */
  private static final int SOME_HITS = 250;

  private static final int REGISTRIES = 2;
  private static final int SOME_CALLS = 300;

  @TempDir Path store;

  private interface Chaos {
    void run(TagTraffic traffic) throws Exception;
  }

  private void during(String[] arguments, Chaos chaos) throws Exception {
    try (TagTraffic traffic =
        new TagTraffic(
            store, Stream.concat(Stream.of(arguments), Stream.of(LEASE)).toArray(String[]::new))) {
      traffic.during(() -> chaos.run(traffic));
    }
  }

  @Test
  void nothingOldIsToldWhileRedisIsSlowKilledAndSetBack() throws Exception {
    try (RedisServer redis = RedisServer.start()) {
      during(
          redis.arguments(),
          traffic -> {
            traffic.awaitHits(SOME_HITS);
            outage(traffic, redis::pause, redis::resume);
            outage(traffic, redis::kill, redis::startAgain);
            traffic.changeThrough(List.of());
            traffic.awaitHits(SOME_HITS);
            redis.save();
            traffic.changeThrough(traffic.registries());
            traffic.awaitCalls(SOME_CALLS);
            outage(traffic, () -> traffic.atRest(() -> restart(redis)), () -> {});
            outage(traffic, redis::kill, redis::startAgain);
            assertThat(redis.run("FLUSHALL")).isEqualTo("OK");
            traffic.awaitHits(SOME_HITS);
            outage(traffic, redis::pause, redis::resume);
          });
    }
  }

  @Test
  void nothingOldIsToldWhenEachProcessRemembersByItself() throws Exception {
    during(
        new String[0],
        traffic -> {
          traffic.awaitCalls(SOME_CALLS);
          for (RegistryServer registry : traffic.registries()) {
            // While nobody changes anything, one of the two begins to remember.
            traffic.changeThrough(List.of());
            traffic.awaitHits(SOME_HITS);
            traffic.changeThrough(List.of(registry));
            traffic.awaitCalls(5 * SOME_CALLS);
            traffic.changeThrough(traffic.registries());
            traffic.awaitCalls(SOME_CALLS);
          }
        });
  }

  @Test
  void nothingOldIsToldWhenSentinelsReplaceThePrimary() throws Exception {
    try (RedisSentinels redis = RedisSentinels.start()) {
      during(
          redis.arguments(),
          traffic -> {
            traffic.awaitHits(SOME_HITS);
            // The old one goes on as if nothing had happened, until a sentinel tells it.
            RedisServer old = redis.failOverPaused();
            // The client finds the new one although the old one keeps its connection.
            traffic.awaitHits(SOME_HITS);
            outage(traffic, () -> {}, old::resume);
            outage(traffic, redis::failOver, () -> {});
          });
    }
  }

  @Test
  void nothingOldIsToldWhenAServerOfAClusterLosesAll() throws Exception {
    try (RedisCluster redis = RedisCluster.start()) {
      during(
          redis.arguments(),
          traffic -> {
            traffic.awaitHits(SOME_HITS);
            RedisServer server =
                redis.servers().stream()
                    .filter(each -> !each.keys().isEmpty())
                    .findFirst()
                    .orElseThrow();
            outage(traffic, server::pause, server::resume);
            outage(
                traffic,
                server::kill,
                () -> {
                  server.startAgain();
                  redis.awaitWhole();
                });
          });
    }
  }

  // Nobody fails meanwhile, so that they go on as if it were the same server.
  private static void restart(RedisServer redis) {
    redis.kill();
    redis.startAgain();
    // And the one that asks.
    long all = REGISTRIES + 1;
    await().atMost(PATIENCE).until(() -> redis.run("CLIENT", "LIST").lines().count() >= all);
  }

  private static void outage(TagTraffic traffic, Together.Task begin, Together.Task end)
      throws Exception {
    begin.run();
    traffic.awaitCalls(SOME_CALLS);
    end.run();
    traffic.awaitCalls(SOME_CALLS);
    // Left to itself, a registry waits longer for Redis each time.
    for (RegistryServer registry : traffic.registries()) {
      RedisCircuit circuit = registry.bean(RedisCircuit.class);
      await().atMost(PATIENCE).until(circuit::probeNow);
    }
    traffic.awaitHits(SOME_HITS);
  }
}
