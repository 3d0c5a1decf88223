package io.registry.access.auth;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.EstimationProbe;
import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import java.util.Optional;

/**
 * Rate limiters of the same size, one for each key (an address or account). A limiter that was not
 * used for ten minutes is dropped.
 */
final class RateLimiters {
  /** The largest number of limiters in memory; they take about 10 MB. */
  static final int MAX_REMEMBERED = 20_000;

  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration QUIET = Duration.ofMinutes(10);

  private final boolean unlimited;
  private final LoadingCache<String, Bucket> buckets;

  /**
   * Creates the limiters.
   *
   * @param perMinute permits per minute of each limiter; 0 means no limit
   * @param time the time that permits are refilled by
   */
  RateLimiters(int perMinute, TimeMeter time) {
    this.unlimited = perMinute == 0;
    this.buckets =
        Caffeine.newBuilder()
            .maximumSize(MAX_REMEMBERED)
            .expireAfterAccess(QUIET)
            .ticker(time::currentTimeNanos)
            .build(
                whose ->
                    Bucket.builder()
                        .withCustomTimePrecision(time)
                        .addLimit(
                            limit -> limit.capacity(perMinute).refillGreedy(perMinute, MINUTE))
                        .build());
  }

  /** Takes a permit, or returns how long to wait for one. */
  Optional<Duration> take(String whose) {
    if (unlimited) {
      return Optional.empty();
    }
    ConsumptionProbe probe = buckets.get(whose).tryConsumeAndReturnRemaining(1);
    return probe.isConsumed()
        ? Optional.empty()
        : Optional.of(Duration.ofNanos(probe.getNanosToWaitForRefill()));
  }

  /** Returns how long to wait for a permit, without taking one. */
  Optional<Duration> look(String whose) {
    if (unlimited) {
      return Optional.empty();
    }
    EstimationProbe probe = buckets.get(whose).estimateAbilityToConsume(1);
    return probe.canBeConsumed()
        ? Optional.empty()
        : Optional.of(Duration.ofNanos(probe.getNanosToWaitForRefill()));
  }

  /** Takes a permit even when there is none, so that the next caller has to wait longer. */
  void owe(String whose) {
    if (!unlimited) {
      buckets.get(whose).consumeIgnoringRateLimits(1);
    }
  }

  /** Returns a permit that was taken. */
  void giveBack(String whose) {
    if (!unlimited) {
      buckets.get(whose).addTokens(1);
    }
  }
}
