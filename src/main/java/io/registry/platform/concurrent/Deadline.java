package io.registry.platform.concurrent;

import java.time.Duration;

/** The time by which a request to another server must have its answer. */
public final class Deadline {
  private final long end;

  private Deadline(long end) {
    this.end = end;
  }

  /** The deadline after the given duration from now. */
  public static Deadline in(Duration time) {
    return new Deadline(System.nanoTime() + time.toNanos());
  }

  /** The remaining time in nanoseconds; 0 or less when the deadline has passed. */
  public long nanosLeft() {
    return end - System.nanoTime();
  }
}
