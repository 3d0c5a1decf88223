package io.registry.content.lease;

import io.registry.platform.concurrent.MonotonicClock;
import io.registry.storage.StorageException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this process knows of the store's current epoch, and how long it may rely on that without
 * asking the store: the lease. A process that ends an epoch waits until every lease on it has
 * expired, so that no process relies on it any more. docs/decisions/0004 has the whole argument,
 * which rests on three rules:
 *
 * <ul>
 *   <li>a lease counts from before the store was asked, so that it ends early rather than late;
 *   <li>a process uses an epoch only when it first saw the epoch longer ago than a lease can last,
 *       so that by then no process is left in an earlier one;
 *   <li>the waits are a quarter longer than the leases, for clocks that run at different speeds.
 * </ul>
 *
 * @param <E> what a blob of the store says about its epoch; equal texts mean equal values
 */
public final class EpochLease<E> {
  private static final Logger log = LoggerFactory.getLogger(EpochLease.class);

  /** The largest number of waits for an epoch to settle; then the wait fails. */
  private static final int PATIENCE = 12;

  private final NumberedBlobs blobs;
  private final Function<NumberedBlob, E> parser;
  private final Supplier<String> fresh;
  private final MonotonicClock clock;
  private final long lease;
  private final long wait;
  private final ReentrantLock asking = new ReentrantLock();
  private volatile Optional<Known<E>> known = Optional.empty();
  private volatile Optional<Failure> failure = Optional.empty();

  /**
   * An epoch that this process has read from the store.
   *
   * @param blob the epoch in the store
   * @param epoch what the blob says
   * @param seen when it was seen first: the time after the store had answered
   * @param confirmed when it was seen last: the time before the store was asked
   * @param <E> as of the lease
   */
  public record Known<E>(NumberedBlob blob, E epoch, long seen, long confirmed) {}

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
   * @param blobs the epochs of the store
   * @param parser reads an epoch; it accepts every text
   * @param fresh the text of an epoch that begins because the blobs were removed; unique
   * @param clock measures the lease
   * @param length how long it lasts
   */
  public EpochLease(
      NumberedBlobs blobs,
      Function<NumberedBlob, E> parser,
      Supplier<String> fresh,
      MonotonicClock clock,
      Duration length) {
    this.blobs = blobs;
    this.parser = parser;
    this.fresh = fresh;
    this.clock = clock;
    this.lease = length.toNanos();
    this.wait = lease + lease / 4;
  }

  /** The epoch that certainly is the current one; empty when the lease has expired. */
  public Optional<Known<E>> leased() {
    return known.filter(this::isLeased);
  }

  private boolean isLeased(Known<E> now) {
    return clock.nanos() - now.confirmed() < lease;
  }

  /**
   * The current epoch, for a thread that can do without: it does not wait for another thread that
   * asks the store, and does not report a failure of the store.
   */
  public Optional<Known<E>> leasedOrTaken() {
    Optional<Known<E>> now = leased();
    if (now.isPresent() || !asking.tryLock()) {
      return now;
    }
    try {
      return Optional.of(ask()).filter(this::isLeased);
    } catch (StorageException e) {
      log.debug("The lease could not be taken", e);
      return Optional.empty();
    } finally {
      asking.unlock();
    }
  }

  /**
   * Asks the store, and so renews the lease.
   *
   * @return the current epoch
   * @throws StorageException when the store fails
   */
  public Known<E> renew() {
    asking.lock();
    try {
      return ask();
    } finally {
      asking.unlock();
    }
  }

  // A thread that waited for another one uses its result: of many concurrent requests one asks the
  // store, and all fail at once when it fails.
  private Known<E> renewWithOthers() {
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

  private Known<E> askForOthers() {
    try {
      return ask();
    } catch (StorageException e) {
      failure = Optional.of(new Failure(clock.nanos(), e));
      throw e;
    }
  }

  // Without a lease, the known epoch may be so old that its successors have been removed.
  private Known<E> ask() {
    long before = clock.nanos();
    Optional<Known<E>> now = leased();
    if (now.isPresent() && blobs.isLast(now.get().blob())) {
      return accept(now.get().blob(), before);
    }
    NumberedBlob current = blobs.last();
    Optional<NumberedBlob> lost =
        known
            .map(Known::blob)
            .filter(old -> old.number() >= current.number() && !old.equals(current));
    return lost.isPresent() ? goOn(lost.get(), current, before) : accept(current, before);
  }

  // The epochs were removed from the store. Numbering continues where it was, and a process that
  // has started from a new first epoch finds that this one has ended, too.
  private Known<E> goOn(NumberedBlob lost, NumberedBlob current, long before) {
    log.warn("The epochs {} were removed from the store", blobs.describe());
    Optional<NumberedBlob> next = add(current.number(), fresh.get());
    if (lost.number() > current.number()) {
      next = add(lost.number(), fresh.get());
    }
    return accept(next.orElseGet(blobs::last), before);
  }

  private Optional<NumberedBlob> add(long last, String text) {
    return blobs.addAfter(last, text)
        ? Optional.of(new NumberedBlob(last + 1, text))
        : Optional.empty();
  }

  private Known<E> accept(NumberedBlob blob, long before) {
    Optional<Known<E>> now = known;
    Known<E> next;
    if (now.isEmpty() || now.get().blob().number() < blob.number()) {
      next = new Known<>(blob, parser.apply(blob), clock.nanos(), before);
    } else if (now.get().blob().equals(blob)) {
      Known<E> same = now.get();
      next = new Known<>(blob, same.epoch(), same.seen(), Math.max(before, same.confirmed()));
    } else {
      next = now.get();
    }
    known = Optional.of(next);
    return next;
  }

  /**
   * Begins the next epoch, unless another process has. Either way this process then knows the
   * current one.
   *
   * @param number the number of the epoch that ends
   * @param text the text of the next one; unique, so that no process takes it for another one
   * @throws StorageException when the store fails
   */
  public void end(long number, String text) {
    long before = clock.nanos();
    Optional<NumberedBlob> next = add(number, text);
    asking.lock();
    try {
      if (next.isPresent()) {
        accept(next.get(), before);
      } else {
        ask();
      }
    } finally {
      asking.unlock();
    }
  }

  /** Whether every process has left the epochs before this one. */
  public boolean isSettled(Known<E> now) {
    return isOlder(now, wait);
  }

  /** Whether this process has seen an epoch for at least so many nanoseconds. */
  public boolean isOlder(Known<E> now, long nanos) {
    return clock.nanos() - now.seen() >= nanos;
  }

  /**
   * Waits until no process relies on an earlier epoch.
   *
   * @param atOnce the epochs which need no wait
   * @return the current epoch
   * @throws StorageException when the store fails
   */
  public E awaitSettled(Predicate<E> atOnce) {
    long start = clock.nanos();
    for (; ; ) {
      Known<E> now = leased().orElseGet(this::renewWithOthers);
      long left = atOnce.test(now.epoch()) ? 0 : now.seen() + wait - clock.nanos();
      if (left <= 0 && isLeased(now)) {
        return now.epoch();
      }
      if (clock.nanos() - start > PATIENCE * wait) {
        throw blobs.failure(
            now.blob().number(),
            "settle",
            new TimeoutException("the store is too slow, or changes its epoch all the time"));
      }
      if (left > 0) {
        pause(left);
      }
    }
  }

  private void pause(long nanos) {
    try {
      clock.pause(Duration.ofNanos(nanos));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted before a change was told to all", e);
    }
  }
}
