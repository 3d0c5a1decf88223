package io.registry.service;

import io.registry.content.repository.RepositoryName;
import io.registry.content.retention.Verdict;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies the rules of retention in the background, one run at a time in this process. Several
 * processes may do so at once: a tag is removed once.
 */
public final class RetentionRun {
  private static final Logger log = LoggerFactory.getLogger(RetentionRun.class);

  private final RetentionService retention;
  private final Executor executor;
  private final Clock clock;
  private final AtomicBoolean isRunning = new AtomicBoolean();
  private volatile Status status = new Status(Optional.empty(), Optional.empty(), 0, 0, "");

  RetentionRun(RetentionService retention, Executor executor, Clock clock) {
    this.retention = retention;
    this.executor = executor;
    this.clock = clock;
  }

  /**
   * How the last run of this process went.
   *
   * @param started when it began; empty when there was none
   * @param finished when it ended; empty while it goes on
   * @param kept how many tags stayed
   * @param removed how many tags were removed
   * @param failure why it broke off; empty when it did not
   */
  public record Status(
      Optional<Instant> started,
      Optional<Instant> finished,
      long kept,
      long removed,
      String failure) {}

  /** How the last run of this process went, or how far it is. */
  public Status status() {
    return status;
  }

  /**
   * Begins a run in the background.
   *
   * @return false when one is under way
   */
  public boolean begin() {
    if (!isRunning.compareAndSet(false, true)) {
      return false;
    }
    executor.execute(this::run);
    return true;
  }

  private void run() {
    Instant started = clock.instant();
    AtomicLong kept = new AtomicLong();
    AtomicLong removed = new AtomicLong();
    String failure = "";
    try {
      retention.apply(
          false,
          (RepositoryName repository, Verdict verdict) -> {
            (verdict.isKept() ? kept : removed).incrementAndGet();
            status =
                new Status(Optional.of(started), Optional.empty(), kept.get(), removed.get(), "");
          });
    } catch (RuntimeException e) {
      log.error("The rules of retention could not be applied to all repositories", e);
      failure = String.valueOf(e.getMessage());
    } finally {
      status =
          new Status(
              Optional.of(started),
              Optional.of(clock.instant()),
              kept.get(),
              removed.get(),
              failure);
      isRunning.set(false);
    }
    log.info("The rules of retention removed {} tags and kept {}", removed, kept);
  }
}
