package io.registry.features.cache;

import java.time.Duration;

/** A clock that never goes back, for measuring durations. */
interface MonotonicClock {
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

  /** Sleeps for the given time. */
  void pause(Duration time) throws InterruptedException;
}
