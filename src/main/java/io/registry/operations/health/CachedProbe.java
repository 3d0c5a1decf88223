package io.registry.operations.health;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/**
 * Caches the result of a health probe for ten seconds, so that frequent requests do not load the
 * probed system.
 */
final class CachedProbe {
  private static final Duration EVERY = Duration.ofSeconds(10);

  private final BooleanSupplier look;
  private final Clock clock;
  private final AtomicReference<Seen> last =
      new AtomicReference<>(new Seen(Instant.EPOCH, false, 0));

  /**
   * The state after the latest probe.
   *
   * @param at when it was probed
   * @param ever whether any probe has succeeded so far
   * @param failures the number of consecutive failures since the last success
   */
  record Seen(Instant at, boolean ever, int failures) {
    private Seen again(Instant now) {
      return new Seen(now, ever, failures);
    }

    private Seen and(boolean well) {
      return well ? new Seen(at, true, 0) : new Seen(at, ever, failures + 1);
    }
  }

  /**
   * Creates a cached probe.
   *
   * @param look probes the system; true when it is healthy
   * @param clock the time
   */
  CachedProbe(BooleanSupplier look, Clock clock) {
    this.look = look;
    this.clock = clock;
  }

  /** The state, which is at most ten seconds old. */
  Seen seen() {
    Seen before = last.get();
    Instant now = clock.instant();
    if (now.isBefore(before.at().plus(EVERY))) {
      return before;
    }
    // One of several concurrent callers probes; the others get the previous state.
    Seen looking = before.again(now);
    if (!last.compareAndSet(before, looking)) {
      return before;
    }
    Seen seen = looking.and(look.getAsBoolean());
    last.set(seen);
    return seen;
  }
}
