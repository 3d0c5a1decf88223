package io.registry.storage;

import java.util.concurrent.ThreadLocalRandom;

/**
 * How long to wait before something is tried again: doubled each time up to a bound, and shortened
 * by chance, so that many callers do not come back together.
 *
 * @param firstMillis the longest first pause
 */
public record Backoff(long firstMillis) {
  private static final int MAX_DOUBLINGS = 6;

  /**
   * The next pause.
   *
   * @param doublings how often the first pause is doubled
   * @return milliseconds
   */
  public long millis(int doublings) {
    long longest = firstMillis << Math.min(doublings, MAX_DOUBLINGS);
    return ThreadLocalRandom.current().nextLong(longest / 2, longest);
  }
}
