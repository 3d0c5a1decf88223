package io.registry.ops;

import io.registry.cache.RedisCircuit;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;

/**
 * Whether Redis answers. Without it the registry is slower but works as before, so that it is
 * degraded and not down.
 */
public final class RedisHealth implements HealthIndicator {
  /** Works, but not as well as it could. */
  public static final Status DEGRADED = new Status("DEGRADED");

  private final RedisCircuit circuit;

  /**
   * A health indicator.
   *
   * @param circuit knows whether Redis answers
   */
  public RedisHealth(RedisCircuit circuit) {
    this.circuit = circuit;
  }

  @Override
  public Health health() {
    return circuit.isOpen() ? Health.status(DEGRADED).build() : Health.up().build();
  }
}
