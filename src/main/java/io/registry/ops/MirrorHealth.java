package io.registry.ops;

import io.registry.mirror.SourceRegistry;
import java.time.Clock;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * Whether the source of a mirror answers. Without it, what is here is served as before, so that the
 * registry is degraded and not down.
 */
public final class MirrorHealth implements HealthIndicator {
  private final CachedProbe looks;

  /**
   * A health indicator.
   *
   * @param source is asked
   * @param clock tells the time
   */
  public MirrorHealth(SourceRegistry source, Clock clock) {
    this.looks = new CachedProbe(source::isAnswering, clock);
  }

  @Override
  public Health health() {
    return looks.seen().failures() == 0
        ? Health.up().build()
        : Health.status(RedisHealth.DEGRADED).build();
  }
}
