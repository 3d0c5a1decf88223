package io.registry.search;

import io.registry.problem.RegistryException;
import io.registry.repository.Repositories;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sees to it that the store is scanned when that is wanted, by this process or another one. */
final class StoreScans {
  private static final Logger log = LoggerFactory.getLogger(StoreScans.class);
  private static final Duration TELL_EVERY = Duration.ofSeconds(10);

  private final Repositories repositories;
  private final StoreReader looks;
  private final IndexRows rows;
  private final ScanLease lease;
  private final ChangedRepositories changed;
  private final Follower follower;
  private final Clock clock;
  private final BooleanSupplier goesOn;

  /** The first scan that is young enough for all who want one; 0 when nobody does. */
  private volatile long needed;

  private volatile long scanned;
  private Instant renewed = Instant.MIN;
  private Instant told = Instant.MIN;

  StoreScans(
      Repositories repositories,
      StoreReader looks,
      IndexRows rows,
      ScanLease lease,
      ChangedRepositories changed,
      Follower follower,
      Clock clock,
      BooleanSupplier goesOn) {
    this.repositories = repositories;
    this.looks = looks;
    this.rows = rows;
    this.lease = lease;
    this.changed = changed;
    this.follower = follower;
    this.clock = clock;
    this.goesOn = goesOn;
  }

  /** Whether somebody wants a scan that has not come to its end. */
  boolean isNeeded() {
    return needed > 0 || changed.isScanWanted();
  }

  /** How far the scan of this process is, or came. */
  long scanned() {
    return scanned;
  }

  /**
   * Scans the store if that is wanted and no other process is at it.
   *
   * @return whether nobody wants a scan any more
   */
  boolean catchUp() {
    if (!isNeeded()) {
      return true;
    }
    ScanLease.Scans scans = lease.scans();
    if (changed.takeScan()) {
      // One that runs may have come by already.
      needed = scans.started() + 1;
    }
    if (scans.finished() >= needed) {
      needed = 0;
      return true;
    }
    OptionalLong number = lease.acquire();
    if (number.isPresent() && scan(number.getAsLong())) {
      needed = 0;
    }
    return !isNeeded();
  }

  private boolean scan(long number) {
    boolean finished = false;
    try {
      Instant begin = clock.instant();
      renewed = begin;
      told = begin;
      scanned = 0;
      finished = new StoreScan(repositories, looks, rows, changed, number, this::goOn).run();
      if (finished) {
        lease.finish(number);
        log.info(
            "The search index says what the store says: {} folders of repositories in {}",
            scanned,
            Duration.between(begin, clock.instant()));
      }
      return finished;
    } finally {
      if (!finished) {
        release();
      }
    }
  }

  private boolean goOn(long folders) {
    scanned = folders;
    Instant now = clock.instant();
    if (now.isAfter(told.plus(TELL_EVERY))) {
      told = now;
      log.info("Filling the search index: {} folders of repositories until now", folders);
    }
    // What cannot be looked at now is tried again when the scan is over.
    boolean well = follower.catchUp().isEmpty();
    if (!well) {
      log.debug("Some of what changed during the scan could not be looked at yet");
    }
    if (now.isAfter(renewed.plus(lease.length().dividedBy(3)))) {
      renewed = now;
      if (!lease.renew()) {
        log.info("Another process scans the store by now");
        return false;
      }
    }
    return goesOn.getAsBoolean();
  }

  private void release() {
    try {
      lease.release();
    } catch (RegistryException e) {
      log.debug("The lease runs out by itself", e);
    }
  }
}
