package io.registry.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.registry.contents.DiffJob;
import io.registry.contents.DiffQueue;
import io.registry.contents.DiffQueueContract;
import io.registry.image.ImageId;
import io.registry.testkit.RedisServer;
import io.registry.testkit.Together;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;

/** With a real Redis. */
class RedisDiffQueueTest extends DiffQueueContract {
  private static final Duration CLAIM = Duration.ofMinutes(1);
  private static final Duration SHORT_CLAIM = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static RedisServer redis;
  private static ThreadPoolTaskScheduler upkeep;

  private final RedisProcesses clients = new RedisProcesses();

  @BeforeAll
  static void startRedis() {
    redis = RedisServer.start();
    upkeep = scheduler();
  }

  @AfterAll
  static void stopRedis() {
    upkeep.destroy();
    redis.close();
  }

  private static ThreadPoolTaskScheduler scheduler() {
    ThreadPoolTaskScheduler scheduler = new ThreadPoolTaskScheduler();
    scheduler.setPoolSize(2);
    scheduler.afterPropertiesSet();
    return scheduler;
  }

  @BeforeEach
  void begin() {
    redis.run("FLUSHALL");
  }

  @AfterEach
  void disconnect() {
    clients.close();
  }

  @Override
  protected DiffQueue queue() {
    return queue(CAPACITY, CLAIM, upkeep);
  }

  private RedisDiffQueue queue(int capacity, Duration claim, ThreadPoolTaskScheduler signs) {
    RedisCircuit circuit = clients.connect(redis.host(), redis.port(), "store").circuit();
    return clients.queue(redis.host(), redis.port(), capacity, claim, signs, circuit);
  }

  private static String key(String end) {
    return redis.keys().stream()
        .filter(key -> key.endsWith(end))
        .reduce((one, other) -> "more than one")
        .orElseThrow();
  }

  @Test
  void manyWorkersOfManyReplicasDoEachImageOnceAndNoneIsLost() throws Exception {
    int images = 200;
    Map<ImageId, String> working = new ConcurrentHashMap<>();
    Set<ImageId> done = ConcurrentHashMap.newKeySet();
    List<Together.Task> tasks = new ArrayList<>();
    for (int replica = 0; replica < 3; replica++) {
      RedisDiffQueue queue = queue(images, CLAIM, upkeep);
      tasks.add(
          () -> {
            for (int i = 0; i < images; i++) {
              queue.add(image(i));
            }
          });
      for (int worker = 0; worker < 2; worker++) {
        tasks.add(
            () -> {
              while (done.size() < images) {
                Optional<DiffJob> job = queue.take(Duration.ofMillis(10));
                if (job.isPresent()) {
                  ImageId image = job.get().image();
                  assertThat(working.put(image, "")).isNull();
                  assertThat(job.get().isHeld()).isTrue();
                  assertThat(working.remove(image)).isNotNull();
                  done.add(image);
                  job.get().done();
                }
              }
            });
      }
    }
    Together.run(tasks);
    assertThat(done).hasSize(images);
  }

  @Test
  void whatAReplicaThatDiedHadTakenIsTakenOverAndNotBefore() throws Exception {
    ThreadPoolTaskScheduler dying = scheduler();
    RedisDiffQueue one = queue(CAPACITY, SHORT_CLAIM, dying);
    RedisDiffQueue other = queue(CAPACITY, SHORT_CLAIM, upkeep);
    one.add(image(1));
    DiffJob job = take(one);
    // Far longer than without a sign of life.
    long end = System.nanoTime() + SHORT_CLAIM.multipliedBy(2).toNanos();
    while (System.nanoTime() < end) {
      assertThat(other.take(Duration.ofMillis(50))).isEmpty();
      assertThat(job.isHeld()).isTrue();
    }
    dying.destroy();
    DiffJob again =
        await()
            .atMost(PATIENCE)
            .until(() -> other.take(AT_ONCE), Optional::isPresent)
            .orElseThrow();
    assertThat(again.image()).isEqualTo(image(1));
    assertThat(job.isHeld()).as("the first one knows by itself").isFalse();
    // Too late: it does not take the work from the other one.
    job.done();
    assertThat(again.isHeld()).isTrue();
    other.add(image(1));
    assertEmpty(one);
    again.done();
    assertEmpty(other);
  }

  @Test
  void whatKillsItsWorkersIsGivenUp() throws Exception {
    RedisDiffQueue queue = queue(CAPACITY, Duration.ofMillis(100), upkeep);
    queue.add(image(1));
    for (int i = 0; i < 3; i++) {
      await()
          .atMost(PATIENCE)
          .until(() -> queue.take(AT_ONCE), Optional::isPresent)
          .orElseThrow()
          .retry();
    }
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                queue.take(AT_ONCE).isEmpty()
                    && queue
                        .refusal(image(1), "any")
                        .equals(Optional.of("The layer could not be read")));
    assertThat(redis.run("XLEN", key(":diffs"))).isEqualTo("0");
  }

  @Test
  void whatIsAddedWhileRedisIsAwayIsDoneWhenItIsBack() throws Exception {
    RedisRepositoryEntries process = clients.connect(redis.host(), redis.port(), "store");
    RedisDiffQueue queue =
        clients.queue(redis.host(), redis.port(), CAPACITY, CLAIM, upkeep, process.circuit());
    redis.kill();
    for (int i = 0; i < 100; i++) {
      queue.add(image(1));
    }
    queue.add(image(2));
    assertThat(queue.length()).isEqualTo(2);
    assertEmpty(queue);
    redis.startAgain();
    await().atMost(PATIENCE).until(() -> process.circuit().probeNow());
    assertThat(take(queue).image()).isEqualTo(image(1));
    assertThat(take(queue).image()).isEqualTo(image(2));
    assertEmpty(queue);
  }

  @Test
  void whatRedisHasLostIsAddedAgain() throws Exception {
    DiffQueue queue = queue();
    queue.add(image(1));
    queue.add(image(2));
    DiffJob job = take(queue);
    redis.run("DEL", key(":diffs"));
    queue.add(image(1));
    assertThat(take(queue).image()).isEqualTo(image(1));
    job.done();
    redis.run("DEL", key(":diffs:queued"));
    queue.add(image(3));
    assertThat(take(queue).image()).isEqualTo(image(3));
    assertEmpty(queue);
  }
}
