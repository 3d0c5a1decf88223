package io.registry.cache;

import io.registry.storage.StorageException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this process knows of the current epoch, and for how long it may go by that without asking
 * the store: the lease. Who ends an epoch waits until every lease on it has run out, so that nobody
 * goes by what was remembered in it any more. docs/decisions/0004 has the whole argument, which
 * rests on three rules:
 *
 * <ul>
 *   <li>a lease counts from before the store was asked, so that it ends early rather than late;
 *   <li>an epoch is used only when it was first seen longer ago than a lease can last, so that by
 *       then nobody is left in an earlier one;
 *   <li>the waits are a quarter longer than the leases, for clocks that run at different speeds.
 * </ul>
 */
final class CacheLease implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(CacheLease.class);

  /** Without use for so many leases, it is not renewed until it is used again. */
  private static final int IDLE = 30;

  /** Who was not let hold the store tries again after so many leases. */
  private static final int REST = 10;

  /** What is not settled within so many waits never will be. */
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
   * An epoch that the store was seen in.
   *
   * @param epoch the epoch
   * @param seen when it was seen first: after the store had answered
   * @param confirmed when it was seen last: before the store was asked
   */
  private record Known(Epoch epoch, long seen, long confirmed) {}

  /**
   * An attempt to take the lease that failed.
   *
   * @param at when
   * @param cause why
   */
  private record Failure(long at, StorageException cause) {}

  /**
   * A lease that is yet to be taken.
   *
   * @param epochs the epochs of the store
   * @param entries where this process would remember repositories
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

  /** The epoch in which something may be remembered or recalled now; nothing when there is none. */
  Optional<Epoch> usable() {
    lastUse = clock.nanos();
    return leased()
        .or(this::takeUnlessTaken)
        .filter(now -> !closed && now.epoch().isUsable() && isOlder(now, wait))
        .map(Known::epoch);
  }

  /**
   * Whether an epoch is the current one at this moment, and so was at any moment before since it
   * was seen. What was recalled in it may be told only then, and a change that was told only in it
   * may be acknowledged only then.
   */
  boolean isCurrent(Epoch epoch) {
    return leased().filter(now -> now.epoch().equals(epoch)).isPresent();
  }

  /**
   * For those about to change the store, or who have changed it: waits until all that was
   * remembered in earlier epochs is out of use.
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
   * Ends an epoch, because its holder could not be told of a change.
   *
   * @param epoch the epoch, which may have ended already
   */
  void retire(Epoch epoch) {
    log.info("Repositories are read from the store until something remembers them again");
    end(epoch, Optional.empty(), false);
  }

  /** Ends the current epoch, and waits until nothing that was remembered in it is in use. */
  void forget() {
    Epoch before = settled();
    if (before.number() > 0) {
      end(before, before.holder(), false);
      // That an epoch was settled from its beginning tells of repositories only.
      Epoch unused = awaitUse(epoch -> false);
    }
  }

  /**
   * Keeps the lease, so that no request has to take it, and looks for a holder. Called in the
   * background, several times in the life of a lease; does nothing when nobody needs it.
   */
  void renew() {
    if (closed || clock.nanos() - lastUse >= IDLE * lease) {
      return;
    }
    try {
      claim(take());
    } catch (StorageException e) {
      // Whoever needs the store now asks it, and tells the client.
      log.debug("The lease of the cache could not be renewed", e);
    }
  }

  // Who starts takes the store over without asking. Later a process waits before it does so, and
  // if it remembers for itself alone, until nobody else holds the store: so that two that do not
  // see each other's memory do not take the store from each other all the time.
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
      Known unused = take();
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

  // Who finds others asking goes by what they learn: a crowd asks once, and fails at once.
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

  // Readers can do without: they wait for nobody, and the store tells them itself when it fails.
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

  // Without a lease the epoch that is known may be so old that the next one is no longer kept.
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

  // Somebody has removed the epochs from the store. The count goes on where it was, and whoever
  // counts from what has come in their place finds that this has ended, too.
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

  /** Uses nothing more, and lets the next process begin at once. */
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
