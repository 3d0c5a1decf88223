package io.registry.storage.gcs;

import io.registry.storage.Backoff;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does a thing again while that may help: so many times, for so long, and with growing pauses in
 * between.
 */
final class Attempts {
  private static final Logger log = LoggerFactory.getLogger(Attempts.class);

  private final int most;
  private final Duration timeLimit;
  private final Backoff backoff;

  /**
   * Bounds for each operation.
   *
   * @param most how often it is tried at most
   * @param timeLimit after this time no further attempt is begun
   * @param firstPause the longest pause after the first failure
   */
  Attempts(int most, Duration timeLimit, Duration firstPause) {
    this.most = most;
    this.timeLimit = timeLimit;
    this.backoff = new Backoff(firstPause.toMillis());
  }

  /** Something that may fail for a moment. */
  interface Action<T> {
    T run() throws IOException;
  }

  /** Runs it until it succeeds, or fails in a way that will not pass. */
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

  /** For operations that go on in another way after a failure. */
  Count count() {
    return new Count();
  }

  /** Counts the failures of one operation. */
  final class Count {
    private long begin = System.nanoTime();
    private int failures;

    /** Pauses after a failure, or throws it when it is the last straw. */
    void failed(IOException failure) throws IOException {
      failures++;
      long elapsed = System.nanoTime() - begin;
      if (!GcsFailures.isTransient(failure) || failures >= most || elapsed >= timeLimit.toNanos()) {
        throw failure;
      }
      log.debug("Attempt {} of {} failed, trying again: {}", failures, most, failure.toString());
      pause();
    }

    /** Begins anew, because something was achieved. */
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
