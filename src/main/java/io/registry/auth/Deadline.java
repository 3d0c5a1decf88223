package io.registry.auth;

import java.time.Duration;

/** The moment until which a question has to be answered. */
public final class Deadline {
  private final long end;

  private Deadline(long end) {
    this.end = end;
  }

  /** The moment that is so far away. */
  public static Deadline in(Duration time) {
    return new Deadline(System.nanoTime() + time.toNanos());
  }

  /** What is left until then; 0 or less when it is over. */
  public long nanosLeft() {
    return end - System.nanoTime();
  }
}
