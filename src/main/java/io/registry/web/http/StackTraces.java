package io.registry.web.http;

import io.registry.storage.StorageException.Reason;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Decides whether a log line of a failed store has a stack trace: the first one of a reason within
 * a minute. A full disk fails many requests in the same way.
 */
final class StackTraces {
  private static final Duration EVERY = Duration.ofMinutes(1);

  private final Clock clock;
  private final Map<Reason, AtomicReference<Instant>> last = new EnumMap<>(Reason.class);

  StackTraces(Clock clock) {
    this.clock = clock;
    for (Reason reason : Reason.values()) {
      last.put(reason, new AtomicReference<>(Instant.EPOCH));
    }
  }

  /** Whether the next line of this reason has a stack trace; then the following ones have none. */
  boolean isDue(Reason reason) {
    Instant now = clock.instant();
    AtomicReference<Instant> latest = Objects.requireNonNull(last.get(reason));
    Instant before = latest.get();
    return !now.isBefore(before.plus(EVERY)) && latest.compareAndSet(before, now);
  }
}
