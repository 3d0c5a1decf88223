package io.registry.platform.concurrent;

import java.time.Duration;

/** A clock that never goes back, for measuring durations. */
public interface MonotonicClock {
  /** The clock of this machine. */
  MonotonicClock SYSTEM =
      new MonotonicClock() {
        @Override
        public long nanos() {
          return System.nanoTime();
        }

        @Override
        public void pause(Duration time) throws InterruptedException {
          Thread.sleep(time.toMillis() + 1);
        }
      };

  /** Nanoseconds since an arbitrary moment. */
  long nanos();

  /**
   * Sleeps.
   *
   * @param time how long
   * @throws InterruptedException when the thread is interrupted meanwhile
   */
  void pause(Duration time) throws InterruptedException;
}
