package io.registry.features.cache;

import io.registry.content.lease.EpochLease;
import io.registry.content.lease.EpochLease.Known;
import io.registry.content.lease.NumberedBlobs;
import io.registry.platform.concurrent.MonotonicClock;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.StorageException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lease on the current epoch of the cache, and which cache holds the repositories in it. The
 * lease is renewed while the cache is in use, and this process becomes the holder when there is
 * none.
 */
final class CacheLease implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(CacheLease.class);
  private static final BlobKey FOLDER = BlobKey.of("_cache");
  private static final String PREFIX = "epoch-";

  /** After this many lease times without use, the lease is not renewed until it is needed again. */
  private static final int IDLE = 30;

  /** A process that could not become the holder tries again after this many lease times. */
  private static final int REST = 10;

  private final EpochLease<Epoch> epochs;
  private final RepositoryEntries entries;
  private final MonotonicClock clock;
  private final long lease;
  private volatile long lastUse;
  private volatile boolean claimed;
  private volatile boolean closed;

  /**
   * Creates a lease that is not taken yet.
   *
   * @param storage the store with the epochs
   * @param entries the cache of repositories, whose holder this process would be
   * @param clock measures the lease
   * @param lease how long it lasts
   */
  CacheLease(BlobStorage storage, RepositoryEntries entries, MonotonicClock clock, Duration lease) {
    this.epochs =
        new EpochLease<>(
            new NumberedBlobs(storage, FOLDER, PREFIX),
            Epoch::parse,
            () -> Epoch.next(Optional.empty(), false),
            clock,
            lease);
    this.entries = entries;
    this.clock = clock;
    this.lease = lease.toNanos();
    this.lastUse = clock.nanos() - IDLE * this.lease;
  }

  /** The epoch under which values may be cached and found now; empty when there is none. */
  Optional<Epoch> usable() {
    lastUse = clock.nanos();
    return epochs
        .leasedOrTaken()
        .filter(now -> !closed && now.epoch().isUsable() && epochs.isSettled(now))
        .map(Known::epoch);
  }

  /**
   * Whether an epoch is the current one now, and has been at every moment since it was seen. Check
   * this before a value found under the epoch is returned, and before a change that was announced
   * only under it is acknowledged.
   */
  boolean isCurrent(Epoch epoch) {
    return epochs.leased().filter(now -> now.epoch().equals(epoch)).isPresent();
  }

  /**
   * Waits until nothing that was cached in earlier epochs can be used. Call this before and after a
   * change of the store.
   *
   * @return the current epoch
   * @throws StorageException when the store fails
   */
  Epoch settled() {
    return epochs.awaitSettled(Epoch::settled);
  }

  /**
   * Ends an epoch whose holder could not be told of a change.
   *
   * @param epoch the epoch, which may have ended already
   */
  void retire(Epoch epoch) {
    log.info("Repositories are not cached until the cache has a holder again");
    end(epoch, Optional.empty(), false);
  }

  /** Ends the current epoch, and waits until nothing that was cached in it is in use. */
  void forget() {
    Epoch before = settled();
    if (before.number() > 0) {
      end(before, before.holder(), false);
      // That an epoch began settled is about repositories only; image caches need the full wait.
      epochs.awaitSettled(epoch -> false);
    }
  }

  /**
   * Renews the lease, so that no request has to, and takes the store over if it has no holder.
   * Called in the background several times in the life of a lease; does nothing when the cache is
   * not in use.
   */
  void renew() {
    if (closed || clock.nanos() - lastUse >= IDLE * lease) {
      return;
    }
    try {
      claim(epochs.renew());
    } catch (StorageException e) {
      // A request that needs the store asks it itself, and reports the failure to its client.
      log.debug("The lease of the cache could not be renewed", e);
    }
  }

  // At its start a process becomes the holder without asking. Later it waits before it tries, and
  // if its cache is in its own memory, until there is no other holder: otherwise two processes that
  // do not share a cache would take the store from each other all the time.
  private void claim(Known<Epoch> now) {
    Epoch epoch = now.epoch();
    Optional<String> holder = entries.holder();
    boolean wanted = holder.isPresent() && !epoch.holder().equals(holder);
    boolean free = epoch.holder().isEmpty() || entries.isShared();
    boolean rested = epochs.isOlder(now, REST * lease);
    if (epoch.number() == 0 || (wanted && (!claimed || (free && rested)))) {
      boolean unheld = epoch.holder().isEmpty() && (epoch.settled() || epochs.isSettled(now));
      end(epoch, holder, unheld);
    }
    claimed |= holder.isPresent();
  }

  private void end(Epoch epoch, Optional<String> holder, boolean settled) {
    epochs.end(epoch.number(), Epoch.next(holder, settled));
  }

  /** Stops using the cache, and ends the epoch so that another process need not wait. */
  @Override
  public void close() {
    closed = true;
    Optional<Known<Epoch>> now = epochs.leased();
    if (now.isPresent() && !entries.isShared() && isHeldHere(now.get().epoch())) {
      try {
        Epoch epoch = now.get().epoch();
        end(epoch, Optional.empty(), epoch.settled() || epochs.isSettled(now.get()));
      } catch (StorageException e) {
        log.debug("The cache could not be given up", e);
      }
    }
  }

  private boolean isHeldHere(Epoch epoch) {
    return epoch.isHeldBy(entries.holder());
  }
}
