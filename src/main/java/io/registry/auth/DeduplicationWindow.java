package io.registry.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Knows what was told a while ago. */
final class DeduplicationWindow {
  private static final int MAX_REMEMBERED = 10_000;

  private final Cache<Object, Boolean> told;

  /**
   * Nothing was told yet.
   *
   * @param time how long something counts as told
   * @param clock the time
   */
  DeduplicationWindow(Duration time, Clock clock) {
    this.told =
        Caffeine.newBuilder()
            .maximumSize(MAX_REMEMBERED)
            .expireAfterWrite(time)
            .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
            .build();
  }

  /** Whether something has not been told for a while; then it counts as told. */
  boolean isNew(Object what) {
    return told.asMap().putIfAbsent(what, true) == null;
  }
}
