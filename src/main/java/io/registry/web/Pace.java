package io.registry.web;

import java.time.Duration;

/**
 * Judges whether a transfer gets on, by what it has moved in each window of time. Only time that
 * the client is waited for should count.
 */
public final class Pace {
  private final long least;
  private final long window;
  private long windowBegan;
  private long movedBefore;

  /**
   * A transfer that begins.
   *
   * @param limits say what is too slow
   * @param now nanoseconds of any clock
   * @param moved bytes that do not count
   */
  public Pace(LimitProperties limits, long now, long moved) {
    this.window = limits.transferWindow().toNanos();
    this.least = least(limits.transferRate().toBytes(), limits.transferWindow());
    this.windowBegan = now;
    this.movedBefore = moved;
  }

  /**
   * Looks at the transfer.
   *
   * @param now nanoseconds of the same clock
   * @param moved the bytes of it until now
   * @return whether it was too slow in all of the window that has ended
   */
  public boolean isTooSlow(long now, long moved) {
    if (now - windowBegan < window) {
      return false;
    }
    boolean slow = moved - movedBefore < least;
    windowBegan = now;
    movedBefore = moved;
    return slow;
  }

  private static long least(long perSecond, Duration window) {
    return (long) (perSecond * (window.toNanos() / 1e9));
  }
}
