package io.registry.content.lease;

import io.registry.platform.concurrent.MonotonicClock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * Lets one process at a time do something, by blobs of the store that all processes share. The
 * holder adds a blob again and again. A process that has seen the same last blob for a quarter
 * longer than the lease lasts may take the lease over, so that a dead holder is replaced and no
 * clock needs to agree with another one.
 *
 * <p>The holder counts from before it wrote, and so knows earlier than the others that its lease is
 * over. A process that was paused after it asked {@link #isHeld} does not notice that the lease is
 * over meanwhile: what must not happen twice needs a condition of its own, for example the number
 * of the term. The clock is that of the machine, and may stand still while the whole machine
 * sleeps.
 */
public final class StoreLease {
  private static final String FORMAT = "1";
  private static final String FREE = "-";

  private final NumberedBlobs blobs;
  private final MonotonicClock clock;
  private final Duration length;
  private Optional<Held> held = Optional.empty();
  private Optional<Seen> seen = Optional.empty();

  /**
   * The lease of this process.
   *
   * @param term the number of the first blob of the term
   * @param number the number of its last blob
   * @param text the content of its blobs, which is unique
   * @param confirmed the time before the last blob was written
   */
  private record Held(long term, long number, String text, long confirmed) {}

  /**
   * The blob of another holder.
   *
   * @param blob the blob
   * @param at when this process saw it first: the time after the store had answered
   */
  private record Seen(NumberedBlob blob, long at) {}

  /**
   * Creates a lease that this process does not hold.
   *
   * @param blobs where the store keeps it
   * @param clock measures it
   * @param length how long it is valid without renewal
   */
  public StoreLease(NumberedBlobs blobs, MonotonicClock clock, Duration length) {
    this.blobs = blobs;
    this.clock = clock;
    this.length = length;
  }

  /** How long the lease is valid without renewal. */
  public Duration length() {
    return length;
  }

  /**
   * Takes the lease, if it is free or its holder has not renewed it. Call this again and again: a
   * silent holder is recognized by the second call at the earliest.
   *
   * @return the number of the term, which is greater than that of every earlier term; empty while
   *     another process holds the lease
   * @throws io.registry.storage.StorageException when the store fails
   */
  public synchronized OptionalLong acquire() {
    if (isHeld()) {
      return OptionalLong.of(held.orElseThrow().term());
    }
    held = Optional.empty();
    NumberedBlob last = blobs.last();
    if (!isFree(last)) {
      return OptionalLong.empty();
    }
    long before = clock.nanos();
    long number = last.number() + 1;
    String text = text(UUID.randomUUID().toString());
    if (!blobs.addAfter(last.number(), text)) {
      return OptionalLong.empty();
    }
    held = Optional.of(new Held(number, number, text, before));
    return isLast() ? OptionalLong.of(number) : OptionalLong.empty();
  }

  /**
   * Renews the lease. After a failure of the store the lease stays valid until it expires.
   *
   * @return whether this process holds the lease now; false when it did not hold it before, or
   *     another process has taken over
   * @throws io.registry.storage.StorageException when the store fails
   */
  public synchronized boolean renew() {
    while (held.isPresent()) {
      Held mine = held.get();
      long before = clock.nanos();
      boolean added = blobs.addAfter(mine.number(), mine.text());
      // A blob of the same text is one that this process has written in an attempt that failed.
      boolean older = !added && blobs.read(mine.number() + 1).text().equals(mine.text());
      if (added || older) {
        long confirmed = added ? before : mine.confirmed();
        held = Optional.of(new Held(mine.term(), mine.number() + 1, mine.text(), confirmed));
      } else {
        held = Optional.empty();
      }
      if (added) {
        // Only if the lease had expired, another process may be ahead, and have removed old blobs.
        return clock.nanos() - mine.confirmed() < length.toNanos() || isLast();
      }
    }
    return false;
  }

  // A process that was paused may have added a blob below the last one, where there was one before.
  private boolean isLast() {
    long number = held.orElseThrow().number();
    if (blobs.last().number() != number) {
      blobs.remove(number);
      held = Optional.empty();
    }
    return held.isPresent();
  }

  /** Whether this process holds the lease, without asking the store. */
  public synchronized boolean isHeld() {
    return held.filter(mine -> clock.nanos() - mine.confirmed() < length.toNanos()).isPresent();
  }

  /**
   * Gives the lease up, so that another process can take it at once.
   *
   * @throws io.registry.storage.StorageException when the store fails; then the lease expires
   */
  public synchronized void release() {
    boolean mayWrite = isHeld();
    Optional<Held> mine = held;
    held = Optional.empty();
    if (mayWrite) {
      blobs.addAfter(mine.orElseThrow().number(), text(FREE));
    }
  }

  private String text(String holder) {
    return String.join("\n", FORMAT, holder, Long.toString(length.toMillis()), "");
  }

  private boolean isFree(NumberedBlob last) {
    List<String> lines = last.text().lines().toList();
    if (last.number() == 0 || (lines.size() == 3 && lines.get(1).equals(FREE))) {
      return true;
    }
    long now = clock.nanos();
    if (seen.filter(before -> before.blob().equals(last)).isEmpty()) {
      seen = Optional.of(new Seen(last, now));
    }
    return now - seen.orElseThrow().at() >= length(lines).multipliedBy(5).dividedBy(4).toNanos();
  }

  // The holder may have another setting, or another version.
  private Duration length(List<String> lines) {
    return lines.size() == 3 && lines.get(0).equals(FORMAT) && lines.get(2).matches("\\d{1,12}")
        ? Duration.ofMillis(Long.parseLong(lines.get(2)))
        : length;
  }
}
