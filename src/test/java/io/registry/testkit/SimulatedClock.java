package io.registry.testkit;

import io.registry.platform.concurrent.MonotonicClock;
import java.time.Duration;

/** Time that passes only when the test, or a thread that waits, lets it. */
public final class SimulatedClock implements MonotonicClock {
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

  /** Lets time pass. */
  public void pass(Duration time) {
    nanos += time.toNanos();
  }

  /** Runs a step each time a thread has waited. */
  public void meanwhile(Runnable what) {
    meanwhile = what;
  }
}
