package io.registry.features.cache;

import java.time.Duration;

/** Time that passes only when the test, or somebody who waits, lets it. */
final class SimulatedClock implements MonotonicClock {
  private long nanos = 1_000_000_000L;
  private Runnable meanwhile = () -> {};

  @Override
  public long nanos() {
    return nanos;
  }

  @Override
  public void pause(Duration time) {
    nanos += time.toNanos();
    meanwhile.run();
  }

  void pass(Duration time) {
    nanos += time.toNanos();
  }

  /** Is done whenever somebody has waited. */
  void meanwhile(Runnable what) {
    meanwhile = what;
  }
}
