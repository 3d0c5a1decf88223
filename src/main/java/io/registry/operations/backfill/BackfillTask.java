package io.registry.operations.backfill;

import io.registry.content.walk.OrderedWork;
import io.registry.content.walk.Progress;
import io.registry.content.walk.StoreWalk;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Prepares the store in one thread of a server that serves already. What is not done when the
 * server stops is done after the next start.
 */
final class BackfillTask implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(BackfillTask.class);
  private static final Duration LAST_BREATH = Duration.ofSeconds(5);

  /** A store that fails is left alone for so long. */
  private static final Duration REST = Duration.ofMinutes(1);

  private final StoreBackfill backfill;
  private final BackfillCounts counts;
  private final Clock clock;
  private final Thread thread = new Thread(this::work, "backfill");
  private volatile boolean running;

  /**
   * A task that does not work yet.
   *
   * @param backfill does the work in the thread that calls it
   * @param counts what is done
   * @param clock tells how long it takes
   */
  BackfillTask(StoreBackfill backfill, BackfillCounts counts, Clock clock) {
    this.backfill = backfill;
    this.counts = counts;
    this.clock = clock;
  }

  // The priority is a courtesy to clients who wait for an answer; nothing depends on it.
  @SuppressWarnings("ThreadPriorityCheck")
  @Override
  public void start() {
    running = true;
    thread.setDaemon(true);
    thread.setPriority(Thread.MIN_PRIORITY);
    thread.start();
  }

  @Override
  public void stop() {
    running = false;
    thread.interrupt();
    try {
      thread.join(LAST_BREATH.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  private void work() {
    Instant started = clock.instant();
    try {
      while (running && !isDone()) {
        Thread.sleep(REST.toMillis());
      }
    } catch (InterruptedException e) {
      running = false;
    }
    log.info(
        "{}: {}",
        running
            ? "The store is prepared for V2"
            : "The backfill was stopped, and goes on after the next start",
        BackfillReport.summary(counts, Duration.between(started, clock.instant())));
  }

  // False when the store has to be left alone for a while.
  private boolean isDone() {
    counts.clear();
    try (WorkPlace place = WorkPlace.open();
        Progress silent = Progress.silent()) {
      backfill.run(place, new StoreWalk(new OrderedWork(Runnable::run, 1), silent), true);
      return true;
    } catch (IOException | RuntimeException e) {
      if (running) {
        log.warn("The backfill goes on in {}: {}", REST, e.getMessage());
      }
      return !running;
    }
  }
}
