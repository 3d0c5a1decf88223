package io.registry.features.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import io.lettuce.core.RedisCommandExecutionException;
import io.registry.testkit.SimulatedClock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.data.redis.RedisSystemException;

@ExtendWith(OutputCaptureExtension.class)
class RedisCircuitTest {
  private static Optional<String> answer() {
    return Optional.of("answer");
  }

  private static Optional<String> failure() {
    throw new QueryTimeoutException("Redis command timed out");
  }

  private final SimulatedClock clock = new SimulatedClock();
  private final AtomicInteger reconnects = new AtomicInteger();
  private boolean works = true;
  private final RedisCircuit circuit =
      new RedisCircuit(
          () -> {
            if (!works) {
              throw new QueryTimeoutException("nobody there");
            }
          },
          reconnects::incrementAndGet,
          clock);

  @BeforeEach
  void start() {
    circuit.probe();
  }

  private void fail() {
    works = false;
    assertThat(circuit.call(RedisCircuitTest::failure)).isEmpty();
  }

  @Test
  void nobodyIsAskedBeforeRedisWasFoundToWork() {
    RedisCircuit unknown = new RedisCircuit(() -> {}, () -> {}, clock);
    assertThat(unknown.isOpen()).isTrue();
    assertThat(unknown.call(RedisCircuitTest::failure)).isEmpty();

    unknown.probe();
    assertThat(unknown.isOpen()).isFalse();
    assertThat(unknown.call(RedisCircuitTest::answer)).contains("answer");
  }

  @Test
  void theFirstFailureKeepsAllOthersFromRedis() {
    assertThat(circuit.call(RedisCircuitTest::answer)).contains("answer");
    fail();

    AtomicInteger asked = new AtomicInteger();
    for (int i = 0; i < 100; i++) {
      assertThat(
              circuit.call(
                  () -> {
                    asked.incrementAndGet();
                    return answer();
                  }))
          .isEmpty();
    }
    assertThat(asked).hasValue(0);
    assertThat(circuit.isOpen()).isTrue();
  }

  @Test
  void itIsClosedWhenAProbeFindsRedisWorking() {
    fail();
    works = true;
    clock.pass(Duration.ofSeconds(1));
    circuit.probe();

    assertThat(circuit.isOpen()).isFalse();
    assertThat(circuit.call(RedisCircuitTest::answer)).contains("answer");
  }

  @Test
  void itIsSaidOnceThatRedisFailsAndOnceThatItWorks(CapturedOutput output) {
    fail();
    for (int i = 0; i < 100; i++) {
      clock.pass(Duration.ofSeconds(1));
      circuit.probe();
      assertThat(circuit.call(RedisCircuitTest::failure)).isEmpty();
    }
    works = true;
    clock.pass(Duration.ofSeconds(30));
    circuit.probe();
    circuit.probe();

    assertThat(output.getAll().lines().filter(line -> line.contains("WARN")))
        .singleElement(STRING)
        .contains("Redis does not work and is not used until it does", "timed out");
    // The first time it was found to work was before it failed.
    assertThat(output.getAll().lines().filter(line -> line.contains("INFO"))).hasSize(2);
  }

  @Test
  void aRedisThatComesAndGoesIsLeftAloneForLongerAndLonger() {
    long[] rests = new long[7];
    for (int i = 0; i < rests.length; i++) {
      fail();
      works = true;
      while (circuit.isOpen()) {
        clock.pass(Duration.ofSeconds(1));
        rests[i]++;
        circuit.probe();
      }
    }
    assertThat(rests).containsExactly(1, 3, 7, 15, 30, 30, 30);

    clock.pass(Duration.ofMinutes(1));
    fail();
    works = true;
    clock.pass(Duration.ofSeconds(1));
    circuit.probe();
    assertThat(circuit.isOpen()).as("after it had worked for long").isFalse();
  }

  @Test
  void whoCannotDoWithoutMayTryAtOnce() {
    fail();
    assertThat(circuit.probeNow()).isFalse();
    assertThat(circuit.isOpen()).isTrue();
    works = true;
    assertThat(circuit.probeNow()).isTrue();

    assertThat(circuit.isOpen()).isFalse();
  }

  @Test
  void whoFailsAgainIsLookedForAnew() {
    fail();
    assertThat(circuit.probeNow()).isFalse();
    assertThat(reconnects).as("by a request, which does not wait for that").hasValue(0);

    for (int i = 0; i < 3; i++) {
      clock.pass(Duration.ofSeconds(30));
      circuit.probe();
    }
    assertThat(reconnects).hasValue(3);
    works = true;
    clock.pass(Duration.ofSeconds(30));
    circuit.probe();
    circuit.probe();
    assertThat(reconnects).hasValue(3);
  }

  @Test
  void aValueOfAnotherTypeIsNoFailureOfRedis() {
    Optional<String> found =
        circuit.call(
            () -> {
              throw new RedisSystemException(
                  "Error in execution",
                  new RedisCommandExecutionException("WRONGTYPE Operation against a key"));
            });

    assertThat(found).isEmpty();
    assertThat(circuit.isOpen()).isFalse();
  }

  @Test
  void whetherRedisWorksIsToldWithoutChangingAnything() {
    circuit.requireWorking();
    works = false;
    assertThatThrownBy(circuit::requireWorking)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("nobody there");
    assertThat(circuit.isOpen()).isFalse();

    fail();
    works = true;
    assertThatThrownBy(circuit::requireWorking)
        .as("nobody waits for a Redis that is left alone")
        .hasMessageContaining("timed out");
  }
}
