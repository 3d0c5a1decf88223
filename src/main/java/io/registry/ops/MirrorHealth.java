package io.registry.ops;

import io.registry.mirror.SourceRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * Whether the source of a mirror answers. Without it, what is here is served as before, so that the
 * registry is degraded and not down. However often this is asked, the source is so every ten
 * seconds at most.
 */
public final class MirrorHealth implements HealthIndicator {
  private static final Duration LOOK_EVERY = Duration.ofSeconds(10);

  private final SourceRegistry source;
  private final Clock clock;
  private final AtomicReference<Look> last = new AtomicReference<>(new Look(Instant.EPOCH, true));

  private record Look(Instant at, boolean answering) {}

  /**
   * A health indicator.
   *
   * @param source is asked
   * @param clock tells the time
   */
  public MirrorHealth(SourceRegistry source, Clock clock) {
    this.source = source;
    this.clock = clock;
  }

  @Override
  public Health health() {
    return look() ? Health.up().build() : Health.status(RedisHealth.DEGRADED).build();
  }

  private boolean look() {
    Look before = last.get();
    Instant now = clock.instant();
    if (now.isBefore(before.at().plus(LOOK_EVERY))) {
      return before.answering();
    }
    // One of those who ask at the same time looks, and the others go by what was seen before.
    if (!last.compareAndSet(before, new Look(now, before.answering()))) {
      return before.answering();
    }
    boolean answering = source.isAnswering();
    last.set(new Look(now, answering));
    return answering;
  }
}
