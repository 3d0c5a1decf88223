package io.registry.features.events;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * When a failed delivery is tried again: each pause is twice as long as the last, minus a random
 * part, so that deliveries which failed together are not repeated together.
 *
 * @param first the pause after the first failure
 * @param longest the longest pause
 * @param giveUpAfter after how long a delivery is given up
 */
record RetryPlan(Duration first, Duration longest, Duration giveUpAfter) {
  private static final int MAX_DOUBLINGS = 30;

  /**
   * The time of the next attempt.
   *
   * @param delivery the failed delivery
   * @param now the time of the failure
   * @param asked how long the receiver asks to wait; at most the longest pause is granted
   * @param random determines the random part
   * @return the time; empty to give up
   */
  Optional<Instant> next(
      Delivery delivery, Instant now, Optional<Duration> asked, RandomGenerator random) {
    if (!now.isBefore(delivery.begun().plus(giveUpAfter))) {
      return Optional.empty();
    }
    int doublings = Math.min(delivery.attempts() - 1, MAX_DOUBLINGS);
    Duration pause = shorter(first.multipliedBy(1L << doublings), longest);
    long half = Math.max(1, pause.toMillis() / 2);
    Duration chosen = Duration.ofMillis(half + random.nextLong(half + 1));
    Duration wanted = asked.map(time -> shorter(time, longest)).orElse(Duration.ZERO);
    return Optional.of(now.plus(chosen.compareTo(wanted) >= 0 ? chosen : wanted));
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
