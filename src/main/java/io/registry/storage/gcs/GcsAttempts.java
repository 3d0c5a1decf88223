package io.registry.storage.gcs;

import io.registry.storage.Backoff;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Retries an operation while a retry may help: up to a number of attempts and a time limit, with
 * growing pauses.
 */
final class GcsAttempts {
  private static final Logger log = LoggerFactory.getLogger(GcsAttempts.class);

  private final int most;
  private final Duration timeLimit;
  private final Backoff backoff;

  /**
   * Creates the limits.
   *
   * @param most up to how many attempts are made
   * @param timeLimit the time after which no further attempt is started
   * @param firstPause the longest pause after the first failure
   */
  GcsAttempts(int most, Duration timeLimit, Duration firstPause) {
    this.most = most;
    this.timeLimit = timeLimit;
    this.backoff = new Backoff(firstPause.toMillis());
  }

  /** An operation that may fail temporarily. */
  interface Action<T> {
    T run() throws IOException;
  }

  /** Runs an operation until it succeeds, fails permanently, or reaches a limit. */
  <T> T run(Action<T> action) throws IOException {
    Count count = count();
    while (true) {
      try {
        return action.run();
      } catch (IOException e) {
        count.failed(e);
      }
    }
  }

  /** Counts failures for operations that continue differently after a failure. */
  Count count() {
    return new Count();
  }

  /** The failures of one operation. */
  final class Count {
    private long begin = System.nanoTime();
    private int failures;

    /** Pauses after a failure, or throws it when a limit is reached or it is permanent. */
    void failed(IOException failure) throws IOException {
      failures++;
      long elapsed = System.nanoTime() - begin;
      if (!GcsFailures.isTransient(failure) || failures >= most || elapsed >= timeLimit.toNanos()) {
        throw failure;
      }
      log.debug("Attempt {} of {} failed, trying again: {}", failures, most, failure.toString());
      pause();
    }

    /** Resets the count, because there was progress. */
    void reset() {
      failures = 0;
      begin = System.nanoTime();
    }

    private void pause() throws IOException {
      try {
        Thread.sleep(backoff.millis(failures - 1));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        InterruptedIOException interrupted =
            new InterruptedIOException("interrupted while waiting for the store");
        interrupted.initCause(e);
        throw interrupted;
      }
    }
  }
}
