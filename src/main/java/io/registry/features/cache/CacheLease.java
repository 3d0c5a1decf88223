package io.registry.features.cache;

import io.registry.storage.StorageException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this process knows of the store's current epoch, and how long it may rely on that without
 * asking the store: the lease. A process that ends an epoch waits until every lease on it has
 * expired, so that no process uses what was cached in it any more. docs/decisions/0004 has the
 * whole argument, which rests on three rules:
 *
 * <ul>
 *   <li>a lease counts from before the store was asked, so that it ends early rather than late;
 *   <li>a process uses an epoch only when it first saw the epoch longer ago than a lease can last,
 *       so that by then no process is left in an earlier one;
 *   <li>the waits are a quarter longer than the leases, for clocks that run at different speeds.
 * </ul>
 */
final class CacheLease implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(CacheLease.class);

  /** After this many lease times without use, the lease is not renewed until it is needed again. */
  private static final int IDLE = 30;

  /** A process that could not become the holder tries again after this many lease times. */
  private static final int REST = 10;

  /** The largest number of waits for an epoch to settle; then the change fails. */
  private static final int PATIENCE = 12;

  private final EpochLog epochs;
  private final RepositoryEntries entries;
  private final MonotonicClock clock;
  private final long lease;
  private final long wait;
  private final ReentrantLock asking = new ReentrantLock();
  private volatile Optional<Known> known = Optional.empty();
  private volatile Optional<Failure> failure = Optional.empty();
  private volatile long lastUse;
  private volatile boolean claimed;
  private volatile boolean closed;

  /**
   * An epoch that this process has read from the store.
   *
   * @param epoch the epoch
   * @param seen when it was seen first: the time after the store had answered
   * @param confirmed when it was seen last: the time before the store was asked
   */
  private record Known(Epoch epoch, long seen, long confirmed) {}

  /**
   * A failed attempt to take the lease.
   *
   * @param at when
   * @param cause why
   */
  private record Failure(long at, StorageException cause) {}

  /**
   * Creates a lease that is not taken yet.
   *
   * @param epochs the epochs of the store
   * @param entries the cache of repositories, whose holder this process would be
   * @param clock measures the lease
   * @param lease how long it lasts
   */
  CacheLease(EpochLog epochs, RepositoryEntries entries, MonotonicClock clock, Duration lease) {
    this.epochs = epochs;
    this.entries = entries;
    this.clock = clock;
    this.lease = lease.toNanos();
    this.wait = this.lease + this.lease / 4;
    this.lastUse = clock.nanos() - IDLE * this.lease;
  }

  /** The epoch under which values may be cached and found now; empty when there is none. */
  Optional<Epoch> usable() {
    lastUse = clock.nanos();
    return leased()
        .or(this::takeUnlessTaken)
        .filter(now -> !closed && now.epoch().isUsable() && isOlder(now, wait))
        .map(Known::epoch);
  }

  /**
   * Whether an epoch is the current one now, and has been at every moment since it was seen. Check
   * this before a value found under the epoch is returned, and before a change that was announced
   * only under it is acknowledged.
   */
  boolean isCurrent(Epoch epoch) {
    return leased().filter(now -> now.epoch().equals(epoch)).isPresent();
  }

  /**
   * Waits until nothing that was cached in earlier epochs can be used. Call this before and after a
   * change of the store.
   *
   * @return the current epoch
   * @throws StorageException when the store fails
   */
  Epoch settled() {
    return awaitUse(Epoch::settled);
  }

  private Epoch awaitUse(Predicate<Epoch> atOnce) {
    long start = clock.nanos();
    for (; ; ) {
      Known now = leased().orElseGet(this::takeWithOthers);
      long left = atOnce.test(now.epoch()) ? 0 : now.seen() + wait - clock.nanos();
      if (left <= 0 && isLeased(now)) {
        return now.epoch();
      }
      if (clock.nanos() - start > PATIENCE * wait) {
        throw epochs.unsettled(now.epoch());
      }
      if (left > 0) {
        pause(left);
      }
    }
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
      awaitUse(epoch -> false);
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
      claim(take());
    } catch (StorageException e) {
      // A request that needs the store asks it itself, and reports the failure to its client.
      log.debug("The lease of the cache could not be renewed", e);
    }
  }

  // At its start a process becomes the holder without asking. Later it waits before it tries, and
  // if its cache is in its own memory, until there is no other holder: otherwise two processes that
  // do not share a cache would take the store from each other all the time.
  private void claim(Known now) {
    Epoch epoch = now.epoch();
    Optional<String> holder = entries.holder();
    boolean wanted = holder.isPresent() && !epoch.holder().equals(holder);
    boolean free = epoch.holder().isEmpty() || entries.isShared();
    if (epoch.number() == 0 || (wanted && (!claimed || (free && isOlder(now, REST * lease))))) {
      boolean unheld = epoch.holder().isEmpty() && (epoch.settled() || isOlder(now, wait));
      end(epoch, holder, unheld);
    }
    claimed |= holder.isPresent();
  }

  private void end(Epoch epoch, Optional<String> holder, boolean settled) {
    long before = clock.nanos();
    Optional<Epoch> next = epochs.end(epoch, holder, settled);
    if (next.isPresent()) {
      asking.lock();
      try {
        accept(next.get(), before);
      } finally {
        asking.unlock();
      }
    } else {
      take();
    }
  }

  private Known take() {
    asking.lock();
    try {
      return ask();
    } finally {
      asking.unlock();
    }
  }

  // A thread that waited for another one uses its result: of many concurrent requests one asks the
  // store, and all fail at once when it fails.
  private Known takeWithOthers() {
    long start = clock.nanos();
    asking.lock();
    try {
      Optional<Failure> shared = failure.filter(last -> last.at() - start >= 0);
      if (shared.isPresent()) {
        throw shared.get().cause();
      }
      return leased().orElseGet(this::askForOthers);
    } finally {
      asking.unlock();
    }
  }

  private Known askForOthers() {
    try {
      return ask();
    } catch (StorageException e) {
      failure = Optional.of(new Failure(clock.nanos(), e));
      throw e;
    }
  }

  // Readers can do without the cache: they do not wait, and report a failure of the store when they
  // read from it.
  private Optional<Known> takeUnlessTaken() {
    if (!asking.tryLock()) {
      return Optional.empty();
    }
    try {
      return Optional.of(ask()).filter(this::isLeased);
    } catch (StorageException e) {
      log.debug("The lease of the cache could not be taken", e);
      return Optional.empty();
    } finally {
      asking.unlock();
    }
  }

  // Without a lease, the known epoch may be so old that its successors have been removed.
  private Known ask() {
    long before = clock.nanos();
    Optional<Known> now = leased();
    if (now.isPresent() && epochs.isLast(now.get().epoch())) {
      return accept(now.get().epoch(), before);
    }
    Epoch current = epochs.current();
    Optional<Epoch> lost =
        known
            .map(Known::epoch)
            .filter(old -> old.number() >= current.number() && !old.equals(current));
    return lost.isPresent() ? goOn(lost.get(), current, before) : accept(current, before);
  }

  // The epochs were removed from the store. Numbering continues where it was, and a process that
  // has started from a new first epoch finds that this one has ended, too.
  private Known goOn(Epoch lost, Epoch current, long before) {
    log.warn("The epochs of the cache were removed from the store");
    Optional<Epoch> next = epochs.end(current, Optional.empty(), false);
    if (lost.number() > current.number()) {
      next = epochs.end(lost, Optional.empty(), false);
    }
    return accept(next.orElseGet(epochs::current), before);
  }

  private Known accept(Epoch epoch, long before) {
    Known next = new Known(epoch, clock.nanos(), before);
    Optional<Known> now = known;
    if (now.isPresent() && now.get().epoch().number() >= epoch.number()) {
      next =
          now.get().epoch().equals(epoch)
              ? new Known(epoch, now.get().seen(), Math.max(before, now.get().confirmed()))
              : now.get();
    }
    known = Optional.of(next);
    return next;
  }

  private Optional<Known> leased() {
    return known.filter(this::isLeased);
  }

  private boolean isLeased(Known now) {
    return clock.nanos() - now.confirmed() < lease;
  }

  private boolean isOlder(Known now, long nanos) {
    return clock.nanos() - now.seen() >= nanos;
  }

  private void pause(long nanos) {
    try {
      clock.pause(Duration.ofNanos(nanos));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted before a change was told to all", e);
    }
  }

  /** Stops using the cache, and ends the epoch so that another process need not wait. */
  @Override
  public void close() {
    closed = true;
    Optional<Known> now = known;
    if (now.isPresent() && !entries.isShared() && isHeldHere(now.get().epoch())) {
      try {
        Epoch epoch = now.get().epoch();
        end(epoch, Optional.empty(), epoch.settled() || isOlder(now.get(), wait));
      } catch (StorageException e) {
        log.debug("The cache could not be given up", e);
      }
    }
  }

  private boolean isHeldHere(Epoch epoch) {
    return epoch.isHeldBy(entries.holder());
  }
}
