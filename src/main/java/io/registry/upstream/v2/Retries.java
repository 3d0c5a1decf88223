package io.registry.upstream.v2;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * How often a request is sent again, and after which pauses.
 *
 * @param attempts how often it is sent in all
 * @param first the first pause, which doubles each time
 * @param longest the longest pause
 */
public record Retries(int attempts, Duration first, Duration longest) {
  private static final Set<Integer> FOR_NOW = Set.of(408, 425, 429, 500, 502, 503, 504);

  /** Whether another attempt may get another status. */
  static boolean isForNow(int status) {
    return FOR_NOW.contains(status);
  }

  /**
   * Waits before the next attempt.
   *
   * @param attempt how many there were
   * @param retryAfter what the registry says of it, in seconds
   */
  void pause(int attempt, Optional<String> retryAfter) {
    long doubled = first.toMillis() << Math.min(attempt - 1, 20);
    long told =
        retryAfter
            .filter(text -> text.matches("[0-9]{1,6}"))
            .map(text -> TimeUnit.SECONDS.toMillis(Long.parseLong(text)))
            .orElse(0L);
    long most = Math.min(longest.toMillis(), Math.max(doubled, told));
    try {
      // Not all clients of a registry come back at once.
      TimeUnit.MILLISECONDS.sleep(most / 2 + ThreadLocalRandom.current().nextLong(most / 2 + 1));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RemoteException("The copy was interrupted", e);
    }
  }
}
