package io.registry.cache;

import java.time.Duration;

/** Time that only runs forward, for what lasts so long and not until then. */
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

  /** Nanoseconds since some moment. */
  long nanos();

  /** Lets that much time pass. */
  void pause(Duration time) throws InterruptedException;
}
