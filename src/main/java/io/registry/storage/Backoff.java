package io.registry.storage;

import java.util.concurrent.ThreadLocalRandom;

/**
 * Computes the pauses between retries: each is twice as long as the last up to a bound, minus a
 * random part, so that many callers do not retry together.
 *
 * @param firstMillis the upper bound of the first pause, in milliseconds
 */
public record Backoff(long firstMillis) {
  private static final int MAX_DOUBLINGS = 6;

  /**
   * The next pause.
   *
   * @param doublings how many times the first pause is doubled
   * @return milliseconds
   */
  public long millis(int doublings) {
    long longest = firstMillis << Math.min(doublings, MAX_DOUBLINGS);
    return ThreadLocalRandom.current().nextLong(longest / 2, longest);
  }
}
