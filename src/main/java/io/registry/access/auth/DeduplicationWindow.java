package io.registry.access.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Remembers recent audit events, so that identical ones are not recorded again. */
final class DeduplicationWindow {
  private static final int MAX_REMEMBERED = 10_000;

  private final Cache<Object, Boolean> told;

  /**
   * Creates an empty window.
   *
   * @param time how long an event is remembered
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

  /** Whether an event is not in the window; adds it. */
  boolean isNew(Object what) {
    return told.asMap().putIfAbsent(what, true) == null;
  }
}
