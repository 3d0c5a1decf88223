package io.registry.features.search;

import io.registry.content.repository.Repositories;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;

/**
 * Keeps the search index up to date with the store, in a thread of its own, so that pushes neither
 * wait for it nor fail because of it. It scans the whole store at the start, and whenever changes
 * may have been missed.
 */
public final class SearchIndexer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SearchIndexer.class);
  private static final Duration IDLE = Duration.ofMinutes(1);
  private static final Duration WHILE_OTHERS_SCAN = Duration.ofSeconds(1);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final int MOST_DOUBLINGS = 5;
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** Much longer than reading a repository from the store takes. */
  private static final Duration FORGET_AFTER = Duration.ofHours(1);

  private final IndexRows rows;
  private final Catalogue catalogue;
  private final ChangedRepositories changed;
  private final IndexUpdater follower;
  private final StoreScans scans;
  private final Clock clock;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Thread thread = new Thread(this::run, "search-index");

  private final AtomicInteger failures = new AtomicInteger();
  private Instant forgetAt;
  private long forgetUpTo;

  SearchIndexer(
      IndexRows rows,
      Catalogue catalogue,
      Repositories repositories,
      StoreReader looks,
      ScanLease lease,
      ChangedRepositories changed,
      Clock clock) {
    this.rows = rows;
    this.catalogue = catalogue;
    this.changed = changed;
    this.clock = clock;
    this.follower = new IndexUpdater(changed, looks, rows, this::goesOn);
    this.scans =
        new StoreScans(repositories, looks, rows, lease, changed, follower, clock, this::goesOn);
    this.forgetAt = clock.instant().plus(FORGET_AFTER);
    thread.setDaemon(true);
  }

  /** Starts the thread, which begins with a scan of the store. */
  @EventListener(ApplicationReadyEvent.class)
  void start() {
    changed.wantScan();
    thread.start();
  }

  /** Requests a scan of the whole store that also corrects the index; returns at once. */
  public void rebuild() {
    changed.wantScan();
  }

  /** The state of the index, as known to this process. */
  public SearchStatus status() {
    SearchStatus.State state =
        scans.isNeeded() ? SearchStatus.State.FILLING : SearchStatus.State.READY;
    return new SearchStatus(
        failures.get() > 0 ? SearchStatus.State.FAILED : state,
        catalogue.size(),
        scans.scanned(),
        changed.size());
  }

  private boolean goesOn() {
    return stopped.getCount() > 0;
  }

  private void run() {
    while (goesOn()) {
      try {
        boolean complete = work();
        failures.set(0);
        changed.await(complete ? IDLE : WHILE_OTHERS_SCAN, this::goesOn);
      } catch (RuntimeException | OutOfMemoryError e) {
        rest(e);
      }
    }
  }

  // Returns whether there is nothing left to do.
  private boolean work() {
    catalogue.current();
    Optional<RuntimeException> failure = follower.catchUp();
    boolean complete = scans.catchUp();
    forget();
    catalogue.current();
    failure.ifPresent(
        e -> {
          throw e;
        });
    return complete;
  }

  // Deletes the rows of removed repositories after a while, so that they do not accumulate.
  private void forget() {
    if (clock.instant().isAfter(forgetAt)) {
      rows.forget(forgetUpTo);
      forgetUpTo = rows.progress().revision();
      forgetAt = clock.instant().plus(FORGET_AFTER);
    }
  }

  private void rest(Throwable why) {
    if (!goesOn()) {
      return;
    }
    int before = failures.getAndIncrement();
    Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(before, MOST_DOUBLINGS));
    log.warn(
        "The search index could not be updated, trying again in {}: {}", pause, why.toString());
    log.debug("That is because of", why);
    try {
      stopped.await(pause.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Stops after the current write. Does not interrupt the thread, because H2 closes its file when a
   * thread is interrupted.
   */
  @Override
  public void close() {
    stopped.countDown();
    changed.wake();
    try {
      thread.join(PATIENCE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
