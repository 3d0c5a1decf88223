package io.registry.operations.health;

import io.registry.features.cache.RedisCircuit;

/** Checks Redis by a write; the registry can work without Redis. */
final class RedisCheck implements ServiceCheck {
  private final RedisCircuit circuit;

  /**
   * Creates a check.
   *
   * @param circuit the circuit breaker of Redis
   */
  RedisCheck(RedisCircuit circuit) {
    this.circuit = circuit;
  }

  @Override
  public String name() {
    return "redis";
  }

  @Override
  public boolean isEssential() {
    return false;
  }

  @Override
  public void run() {
    circuit.requireWorking();
  }
}
