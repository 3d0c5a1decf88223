package io.registry.operations.check;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Checks the store in one thread of a server that serves already. A check that is not complete when
 * the server stops goes on after the next start.
 */
final class ScrubTask implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(ScrubTask.class);
  private static final Duration LAST_BREATH = Duration.ofSeconds(5);

  /** A store or a directory that fails is left alone for so long. */
  private static final Duration REST = Duration.ofMinutes(5);

  private final Scrub scrub;
  private final CountDownLatch stop;
  private final Thread thread = new Thread(this::work, "scrub");

  /**
   * A task that does not work yet.
   *
   * @param scrub checks the store in the thread that calls it
   * @param stop opened when the server stops, which ends the check
   */
  ScrubTask(Scrub scrub, CountDownLatch stop) {
    this.scrub = scrub;
    this.stop = stop;
  }

  // The priority is a courtesy to clients who wait for an answer; nothing depends on it.
  @SuppressWarnings("ThreadPriorityCheck")
  @Override
  public void start() {
    thread.setDaemon(true);
    thread.setPriority(Thread.MIN_PRIORITY);
    thread.start();
  }

  // No interrupt: it would break off a read, which would look like damage.
  @Override
  public void stop() {
    stop.countDown();
    try {
      thread.join(LAST_BREATH.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public boolean isRunning() {
    return thread.isAlive();
  }

  private void work() {
    try {
      Duration pause = Duration.ZERO;
      while (!stop.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
        pause = checkWhenDue();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (CancellationException e) {
      log.info("The check of the store was stopped, and goes on after the next start");
    }
  }

  // Returns how long there is nothing to do.
  private Duration checkWhenDue() {
    try {
      Duration due = scrub.untilDue();
      if (due.isZero()) {
        scrub.run();
        return scrub.untilDue();
      }
      return due;
    } catch (CancellationException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      log.warn("The check of the store goes on in {}: {}", REST, e.getMessage());
      return REST;
    }
  }
}
