package io.registry.ops;

import io.registry.cache.RedisCircuit;

/** Writes to Redis, which the registry can do without. */
public final class RedisCheck implements ServiceCheck {
  private final RedisCircuit circuit;

  /**
   * A check.
   *
   * @param circuit leads to Redis
   */
  public RedisCheck(RedisCircuit circuit) {
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
