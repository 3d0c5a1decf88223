package io.registry.ops;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/**
 * Looks now and then whether something is well. However often one asks, it is looked at every ten
 * seconds at most.
 */
final class CachedProbe {
  private static final Duration EVERY = Duration.ofSeconds(10);

  private final BooleanSupplier look;
  private final Clock clock;
  private final AtomicReference<Seen> last =
      new AtomicReference<>(new Seen(Instant.EPOCH, false, 0));

  /**
   * What was seen.
   *
   * @param at when
   * @param ever whether it ever was well
   * @param failures how often in a row it has not been well since
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
   * Looks.
   *
   * @param look whether it is well
   * @param clock tells the time
   */
  CachedProbe(BooleanSupplier look, Clock clock) {
    this.look = look;
    this.clock = clock;
  }

  /** What was seen, at most ten seconds ago. */
  Seen seen() {
    Seen before = last.get();
    Instant now = clock.instant();
    if (now.isBefore(before.at().plus(EVERY))) {
      return before;
    }
    // One of those who ask at the same time looks, and the others go by what was seen before.
    Seen looking = before.again(now);
    if (!last.compareAndSet(before, looking)) {
      return before;
    }
    Seen seen = looking.and(look.getAsBoolean());
    last.set(seen);
    return seen;
  }
}
