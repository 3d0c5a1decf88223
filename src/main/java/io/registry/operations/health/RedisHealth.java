package io.registry.operations.health;

import io.registry.features.cache.RedisCircuit;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;

/**
 * Health of Redis. Without Redis the registry is slower but complete, so it is degraded and not
 * down.
 */
final class RedisHealth implements HealthIndicator {
  /** The registry works, but slower or incompletely. */
  public static final Status DEGRADED = new Status("DEGRADED");

  private final RedisCircuit circuit;

  /**
   * Creates a health indicator.
   *
   * @param circuit the circuit breaker of Redis
   */
  RedisHealth(RedisCircuit circuit) {
    this.circuit = circuit;
  }

  @Override
  public Health health() {
    return circuit.isOpen() ? Health.status(DEGRADED).build() : Health.up().build();
  }
}
