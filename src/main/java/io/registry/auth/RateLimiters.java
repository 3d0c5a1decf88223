package io.registry.auth;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.EstimationProbe;
import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import java.util.Optional;

/** So much a minute for each of many, of whom those are forgotten who were quiet for long. */
final class RateLimiters {
  /** So many are remembered; they take about 10 MB. */
  static final int MAX_REMEMBERED = 20_000;

  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration QUIET = Duration.ofMinutes(10);

  private final boolean unlimited;
  private final LoadingCache<String, Bucket> buckets;

  /**
   * Allowances of the same size.
   *
   * @param perMinute the size; 0 means without bound
   * @param time the time that they grow by
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

  /** Takes one away, or tells how long to wait until there is one. */
  Optional<Duration> take(String whose) {
    if (unlimited) {
      return Optional.empty();
    }
    ConsumptionProbe probe = buckets.get(whose).tryConsumeAndReturnRemaining(1);
    return probe.isConsumed()
        ? Optional.empty()
        : Optional.of(Duration.ofNanos(probe.getNanosToWaitForRefill()));
  }

  /** Tells how long to wait until there is one, without taking it. */
  Optional<Duration> look(String whose) {
    if (unlimited) {
      return Optional.empty();
    }
    EstimationProbe probe = buckets.get(whose).estimateAbilityToConsume(1);
    return probe.canBeConsumed()
        ? Optional.empty()
        : Optional.of(Duration.ofNanos(probe.getNanosToWaitForRefill()));
  }

  /** Takes one away also when there is none, so that the next has to wait longer. */
  void owe(String whose) {
    if (!unlimited) {
      long unused = buckets.get(whose).consumeIgnoringRateLimits(1);
    }
  }

  /** Gives one back that was taken. */
  void giveBack(String whose) {
    if (!unlimited) {
      buckets.get(whose).addTokens(1);
    }
  }
}
