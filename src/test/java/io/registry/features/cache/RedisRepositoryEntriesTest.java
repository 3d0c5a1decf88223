package io.registry.features.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.registry.content.image.ImageId;
import io.registry.content.repository.TagName;
import io.registry.features.cache.RepositoryEntries.Recall;
import io.registry.testkit.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** With a real Redis. */
@Tag("external")
@Tag("slow")
class RedisRepositoryEntriesTest extends RepositoryEntriesContract {
  private static final String STORE = "bucket one";

  private static RedisServer redis;

  private final RedisProcesses clients = new RedisProcesses();
  private List<RedisRepositoryEntries> processes = List.of();

  @BeforeAll
  static void startRedis() {
    redis = RedisServer.start();
  }

  @AfterAll
  static void stopRedis() {
    redis.close();
  }

  @Override
  @BeforeEach
  void begin() {
    if (!redis.isRunning()) {
      redis.startAgain();
    }
    redis.run("FLUSHALL");
    processes = List.of(connect(redis, STORE), connect(redis, STORE));
    super.begin();
  }

  private RedisRepositoryEntries connect(RedisServer server, String store) {
    return clients.connect(server.host(), server.port(), store);
  }

  @AfterEach
  void disconnect() {
    clients.close();
  }

  @Override
  RepositoryEntries entries(int process) {
    return processes.get(process);
  }

  @Override
  void lose(RandomGenerator random) {
    for (String key : redis.keys()) {
      if (random.nextBoolean()) {
        redis.run("DEL", key);
      }
    }
  }

  private void remember(RedisRepositoryEntries entries, Epoch in) {
    entries.remember(in, REPOSITORY, token(in, entries), LATEST, NEW);
  }

  private String key() {
    return redis.keys().stream()
        .filter(key -> key.contains(":repository:"))
        .reduce((one, other) -> "more than one")
        .orElseThrow();
  }

  private static byte[] valueAt(String key) {
    return Objects.requireNonNull(redis.hgetAll(key).get("vtag:latest"));
  }

  @Test
  void everyEntryIsForgottenAfterItsTime() {
    remember(processes.get(0), epoch);
    long left = Long.parseLong(redis.run("PTTL", key()));
    assertThat(left).isBetween(1L, RedisProcesses.TTL.toMillis());

    assertThat(processes.get(0).block(epoch, REPOSITORY, "change")).isTrue();
    assertThat(Long.parseLong(redis.run("PTTL", key()))).isPositive();
    assertThat(redis.keys())
        .allSatisfy(key -> assertThat(redis.run("PTTL", key)).isNotEqualTo("-1"));
  }

  @Test
  void aChangeThatNeverEndsHindersForAWhileOnly() {
    RedisRepositoryEntries entries = processes.get(0);
    assertThat(entries.block(epoch, REPOSITORY, "dead")).isTrue();
    assertThat(entries.block(epoch, REPOSITORY, "alive")).isTrue();
    assertThat(Long.parseLong(redis.run("PTTL", key())))
        .isBetween(1L, RepositoryEntries.LONGEST_CHANGE.toMillis());
    assertThat(entries.unblock(epoch, REPOSITORY, "alive")).isTrue();
    assertThat(entries.find(epoch, REPOSITORY, LATEST)).isEqualTo(Recall.none());

    // As if its time had passed: others that came later have kept the key.
    redis.run("HSET", key(), "cdead", String.valueOf(System.currentTimeMillis() - 1000));
    assertThat(entries.find(epoch, REPOSITORY, LATEST).token()).isPresent();
    remember(entries, epoch);
    assertThat(entries.find(epoch, REPOSITORY, LATEST).value()).contains(NEW);
  }

  @Test
  void withoutATimeToLiveNothingIsRememberedAndChangesAreTold() {
    RedisRepositoryEntries forgetful =
        clients.connect(redis.host(), redis.port(), STORE, Duration.ZERO);
    remember(processes.get(0), epoch);
    assertThat(forgetful.circuit().isOpen()).isFalse();
    assertThat(forgetful.find(epoch, REPOSITORY, LATEST)).isEqualTo(Recall.none());

    assertThat(forgetful.block(epoch, REPOSITORY, "change")).isTrue();
    assertThat(forgetful.unblock(epoch, REPOSITORY, "change")).isTrue();
    assertThat(processes.get(0).find(epoch, REPOSITORY, LATEST).value()).isEmpty();
  }

  @Test
  void aQuestionAndAnAnswerAreOneCommandEachHoweverManyTags() {
    Map<String, ImageId> tags = new TreeMap<>();
    for (int i = 0; i < 10_000; i++) {
      tags.put("v" + i, NEW);
    }
    String token = token(epoch, processes.get(0));

    assertThat(
            redis.commands(
                () ->
                    processes
                        .get(0)
                        .remember(epoch, REPOSITORY, token, RepositoryParts.TAGS, tags)))
        .hasSize(1);
    List<Recall<Map<String, ImageId>>> found = new ArrayList<>();
    assertThat(
            redis.commands(
                () -> found.add(processes.get(1).find(epoch, REPOSITORY, RepositoryParts.TAGS))))
        .hasSize(1);
    assertThat(found.get(0).value()).contains(tags);
  }

  @Test
  void twoStoresOnOneRedisNeverMix() {
    RedisRepositoryEntries other = connect(redis, "bucket two");
    Epoch theirs = new Epoch(1, epoch.id(), other.holder(), true);
    remember(processes.get(0), epoch);

    assertThat(other.holder()).isNotEqualTo(processes.get(0).holder());
    assertThat(other.find(epoch, REPOSITORY, LATEST)).isEqualTo(Recall.none());
    assertThat(other.find(theirs, REPOSITORY, LATEST).value()).isEmpty();
    assertThat(other.block(theirs, REPOSITORY, "change")).isTrue();
    assertThat(processes.get(0).find(epoch, REPOSITORY, LATEST).value()).contains(NEW);
  }

  @Test
  void whatIsTooLargeIsNotRemembered() {
    String token = token(epoch, processes.get(0));
    byte[] list = new byte[(int) RedisProcesses.LARGEST.toBytes()];
    processes.get(0).remember(epoch, REPOSITORY, token, RepositoryParts.IMAGE_LIST, list);

    assertThat(redis.hgetAll(key())).containsOnlyKeys("t");
  }

  @Test
  void damagedValuesAreMissesAndAreReplaced() {
    remember(processes.get(0), epoch);
    String key = key();
    byte[] good = valueAt(key);
    List<byte[]> bad = new ArrayList<>();
    for (int length = 0; length < good.length; length++) {
      bad.add(Arrays.copyOf(good, length));
    }
    for (int i = 0; i < good.length; i++) {
      byte[] changed = good.clone();
      changed[i]++;
      bad.add(changed);
    }
    bad.add(Arrays.copyOf(good, good.length + 1));
    bad.add("\u00ac\u00ed\u0000\u0005t\u0000\u0001x".getBytes(UTF_8));
    for (byte[] value : bad) {
      redis.hset(key, "vtag:latest", value);
      assertThat(processes.get(1).find(epoch, REPOSITORY, LATEST).value()).isEmpty();
    }

    remember(processes.get(0), epoch);
    assertThat(valueAt(key)).isEqualTo(good);
    assertThat(processes.get(1).find(epoch, REPOSITORY, LATEST).value()).contains(NEW);
  }

  @Test
  void aValueInThePlaceOfAnotherIsAMiss() {
    remember(processes.get(0), epoch);
    byte[] value = valueAt(key());
    redis.hset(key(), "vtag:stable", value);

    assertThat(
            processes
                .get(0)
                .find(epoch, REPOSITORY, RepositoryParts.tag(new TagName("stable")))
                .value())
        .isEmpty();
    String other = key().replace("foo/bar", "foo/baz");
    redis.run("COPY", key(), other);
    assertThat(processes.get(0).find(epoch, OTHER_REPOSITORY, LATEST).value()).isEmpty();
  }

  @Test
  void somethingElseUnderTheKeyIsReplaced() {
    remember(processes.get(0), epoch);
    String key = key();
    for (String[] command :
        List.of(
            new String[] {"SET", key, "text"},
            new String[] {"RPUSH", key, "list"},
            new String[] {"SADD", key, "set"})) {
      redis.run("DEL", key);
      redis.run(command);
      remember(processes.get(0), epoch);
      assertThat(processes.get(1).find(epoch, REPOSITORY, LATEST).value()).contains(NEW);

      redis.run("DEL", key);
      redis.run(command);
      assertThat(processes.get(0).block(epoch, REPOSITORY, "change")).isTrue();
      assertThat(processes.get(0).unblock(epoch, REPOSITORY, "change")).isTrue();
    }
    assertThat(processes.get(0).circuit().isOpen()).isFalse();
  }

  @Test
  void aServerThatWasStartedAnewHoldsNothingAnyMore() {
    remember(processes.get(0), epoch);
    redis.save();
    assertThat(processes.get(0).block(epoch, REPOSITORY, "change")).isTrue();
    assertThat(processes.get(0).unblock(epoch, REPOSITORY, "change")).isTrue();
    redis.kill();
    redis.startAgain();
    assertThat(redis.hgetAll(key())).as("what it saved").containsKey("vtag:latest");
    Optional<String> before = epoch.holder();
    await().until(() -> processes.stream().allMatch(each -> each.circuit().probeNow()));

    assertThat(processes.get(0).holder()).isPresent().isNotEqualTo(before);
    assertThat(processes.get(0).find(epoch, REPOSITORY, LATEST)).isEqualTo(Recall.none());
    assertThat(processes.get(0).block(epoch, REPOSITORY, "change")).isFalse();
    // A process that has not noticed is told so by the server.
    assertThat(processes.get(1).holder()).isEqualTo(processes.get(0).holder());
  }

  @Test
  void aServerThatWasStartedAnewTellsWhoHasNotNoticed() {
    remember(processes.get(0), epoch);
    redis.save();
    Optional<String> before = epoch.holder();
    redis.kill();
    redis.startAgain();
    RedisRepositoryEntries unaware = processes.get(1);
    await()
        .until(
            () -> {
              unaware.find(epoch, REPOSITORY, LATEST);
              return unaware.circuit().isOpen() || !unaware.holder().equals(before);
            });

    assertThat(unaware.find(epoch, REPOSITORY, LATEST)).isEqualTo(Recall.none());
  }

  @Test
  void aReplicaHoldsNothing() {
    remember(processes.get(0), epoch);
    try (RedisServer replica = redis.startReplica()) {
      RedisRepositoryEntries entries = connect(replica, STORE);
      assertThat(entries.circuit().isOpen()).isTrue();
      assertThat(entries.holder()).isEmpty();
      assertThat(entries.find(epoch, REPOSITORY, LATEST)).isEqualTo(Recall.none());

      replica.run("REPLICAOF", "NO", "ONE");
      assertThat(replica.hgetAll(key())).containsKey("vtag:latest");
      assertThat(entries.circuit().probeNow()).isTrue();
      assertThat(entries.holder()).isPresent().isNotEqualTo(epoch.holder());
      assertThat(entries.find(epoch, REPOSITORY, LATEST)).isEqualTo(Recall.none());
    }
  }

  @Test
  void aServerThatWasMadeAReplicaAndAPrimaryAgainIsAnother() {
    try (RedisServer other = RedisServer.start()) {
      remember(processes.get(0), epoch);
      redis.run("REPLICAOF", other.host(), String.valueOf(other.port()));
      assertThat(processes.get(0).find(epoch, REPOSITORY, LATEST)).isEqualTo(Recall.none());
      redis.run("REPLICAOF", "NO", "ONE");

      assertThat(processes.get(0).circuit().probeNow()).isTrue();
      assertThat(processes.get(0).holder()).isPresent().isNotEqualTo(epoch.holder());
    }
  }

  @Test
  void anUnreachableServerHoldsNothing() {
    remember(processes.get(0), epoch);
    redis.kill();

    assertThat(processes.get(0).find(epoch, REPOSITORY, LATEST)).isEqualTo(Recall.none());
    assertThat(processes.get(0).block(epoch, REPOSITORY, "change")).isFalse();
    assertThat(processes.get(0).holder()).isEmpty();
    assertThat(processes.get(0).recover()).isFalse();
  }
}
