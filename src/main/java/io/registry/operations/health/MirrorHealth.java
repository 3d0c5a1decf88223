package io.registry.operations.health;

import io.registry.upstream.mirror.V1Source;
import java.time.Clock;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * Health of the source of a mirror. Without the source, local images are still served, so the
 * registry is degraded and not down.
 */
final class MirrorHealth implements HealthIndicator {
  private final CachedProbe looks;

  /**
   * Creates a health indicator.
   *
   * @param source the source to ping
   * @param clock the time
   */
  MirrorHealth(V1Source source, Clock clock) {
    this.looks = new CachedProbe(source::isAnswering, clock);
  }

  @Override
  public Health health() {
    return looks.seen().failures() == 0
        ? Health.up().build()
        : Health.status(RedisHealth.DEGRADED).build();
  }
}
