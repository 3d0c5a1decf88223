package io.registry.events;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * When something that failed is tried again: each time after twice as long, a little less by
 * chance, so that what failed together does not come back together.
 *
 * @param first how long after the first failure
 * @param longest how long at most
 * @param giveUpAfter when it has been tried for so long, it is not tried again
 */
record RetryPlan(Duration first, Duration longest, Duration giveUpAfter) {
  private static final int MAX_DOUBLINGS = 30;

  /**
   * When it is tried again.
   *
   * @param delivery what failed
   * @param now when it did
   * @param asked how long the receiver wants to be left alone; of that, no more than the longest
   *     pause is given
   * @param random decides how much less
   * @return nothing to give up
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
