package io.registry.features.search;

import io.registry.content.repository.Repositories;
import io.registry.platform.problem.RegistryException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs a scan of the store when one is requested, unless another process does. */
final class StoreScans {
  private static final Logger log = LoggerFactory.getLogger(StoreScans.class);
  private static final Duration TELL_EVERY = Duration.ofSeconds(10);

  private final Repositories repositories;
  private final StoreReader looks;
  private final IndexRows rows;
  private final ScanLease lease;
  private final ChangedRepositories changed;
  private final IndexUpdater follower;
  private final Clock clock;
  private final BooleanSupplier goesOn;

  /** The number of the first scan that satisfies all requests; 0 when there are none. */
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
      IndexUpdater follower,
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

  /** Whether a requested scan is not complete yet. */
  boolean isNeeded() {
    return needed > 0 || changed.isScanWanted();
  }

  /** The progress of this process's current or last scan, in repositories. */
  long scanned() {
    return scanned;
  }

  /**
   * Scans the store if that is requested and no other process is scanning.
   *
   * @return whether no scan is needed any more
   */
  boolean catchUp() {
    if (!isNeeded()) {
      return true;
    }
    ScanLease.Scans scans = lease.scans();
    if (changed.takeScan()) {
      // A scan that is running may already have passed the repository.
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
            "The search index agrees with the store: {} folders of repositories in {}",
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
      log.info("Filling the search index: {} folders of repositories so far", folders);
    }
    // What cannot be read now is tried again after the scan.
    boolean well = follower.catchUp().isEmpty();
    if (!well) {
      log.debug("Some repositories that changed during the scan could not be read yet");
    }
    if (now.isAfter(renewed.plus(lease.length().dividedBy(3)))) {
      renewed = now;
      if (!lease.renew()) {
        log.info("Another process has taken over the scan of the store");
        return false;
      }
    }
    return goesOn.getAsBoolean();
  }

  private void release() {
    try {
      lease.release();
    } catch (RegistryException e) {
      log.debug("The lease expires by itself", e);
    }
  }
}
