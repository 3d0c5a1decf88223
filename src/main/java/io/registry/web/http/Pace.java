package io.registry.web.http;

import java.time.Duration;

/**
 * Decides whether a transfer is too slow, by the bytes moved in each time window. Callers should
 * count only time spent waiting for the client.
 */
public final class Pace {
  private final long least;
  private final long window;
  private long windowBegan;
  private long movedBefore;

  /**
   * Starts a transfer.
   *
   * @param limits define what is too slow
   * @param now nanoseconds of any clock
   * @param moved bytes moved before, which do not count
   */
  public Pace(LimitProperties limits, long now, long moved) {
    this.window = limits.transferWindow().toNanos();
    this.least = least(limits.transferRate().toBytes(), limits.transferWindow());
    this.windowBegan = now;
    this.movedBefore = moved;
  }

  /**
   * Updates the transfer.
   *
   * @param now nanoseconds of the same clock
   * @param moved the bytes moved until now
   * @return whether the transfer was too slow in the whole window that has ended
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
