package io.registry.content.image;

import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Accounts for the incomplete uploads: how much of the store each client uses, and which requests
 * are in progress. The store is authoritative: a sweep adds uploads that this process does not know
 * yet.
 *
 * <p>When a client's share is used up, its oldest inactive upload is removed, or its request is
 * refused. When the total is used up, an upload is removed of the client with the most uploads or
 * bytes.
 */
final class StagingLedger {
  /** A client sends the next request of a push within that time. */
  private static final Duration RESTS_AFTER = Duration.ofMinutes(15);

  /** Used when the total of all clients is used up. */
  private static final Duration RESTS_SOONER_AFTER = Duration.ofMinutes(1);

  private final UploadProperties limits;
  private final Clock clock;
  private final Consumer<StagingPlace> remover;
  private final Map<StagingPlace, Entry> entries = new HashMap<>();
  private final Map<String, Share> shares = new HashMap<>();
  private Share total = Share.NOTHING;

  /**
   * Creates an empty ledger.
   *
   * @param limits the limits
   * @param clock measures how long an upload is inactive
   * @param remover removes the files of an upload
   */
  StagingLedger(UploadProperties limits, Clock clock, Consumer<StagingPlace> remover) {
    this.limits = limits;
    this.clock = clock;
    this.remover = remover;
  }

  /** An upload, with or without files in the store. */
  private static final class Entry {
    private boolean staged;
    private boolean failed;
    private long bytes;
    private int underWay;
    private Instant touched;

    Entry(Instant touched) {
      this.touched = touched;
    }
  }

  /** The use of a client, or of all clients together. */
  private record Share(int uploads, long bytes) {
    static final Share NOTHING = new Share(0, 0);

    Share plus(int moreUploads, long moreBytes) {
      return new Share(uploads + moreUploads, bytes + moreBytes);
    }

    boolean exceeds(int mostUploads, long mostBytes) {
      return uploads > mostUploads || bytes > mostBytes;
    }
  }

  /**
   * Registers a request of a push.
   *
   * @return closed at the end of the request
   */
  synchronized Request enter(StagingPlace place) {
    Entry entry = entries.computeIfAbsent(place, key -> new Entry(clock.instant()));
    entry.underWay++;
    entry.touched = clock.instant();
    return new Request(place);
  }

  /** A request in progress. */
  final class Request implements AutoCloseable {
    private final StagingPlace place;

    private Request(StagingPlace place) {
      this.place = place;
    }

    /** Whether no other request of the same client for the same image is in progress. */
    boolean isAlone() {
      synchronized (StagingLedger.this) {
        return entry(place).underWay == 1;
      }
    }

    /** Records that a checksum matched nothing that the client has sent. */
    void failed() {
      synchronized (StagingLedger.this) {
        entry(place).failed = true;
      }
    }

    /** Whether a checksum of the upload has failed in this process. */
    boolean hasFailed() {
      synchronized (StagingLedger.this) {
        return entry(place).failed;
      }
    }

    /**
     * Reserves an upload and bytes of it.
     *
     * @throws RegistryException {@code TOO_MANY} when the client's share is used up
     */
    void reserve(long bytes) {
      Optional<StagingPlace> victim;
      do {
        victim = tryToReserve(place, bytes);
        victim.ifPresent(remover);
      } while (victim.isPresent());
    }

    /** Releases reserved bytes that were not stored. */
    void release(long bytes) {
      synchronized (StagingLedger.this) {
        change(place, 0, -bytes);
      }
    }

    /** Removes the upload from the ledger, because it is complete or was removed. */
    void forget() {
      StagingLedger.this.forget(place);
    }

    @Override
    public void close() {
      synchronized (StagingLedger.this) {
        Entry entry = entry(place);
        entry.underWay--;
        entry.touched = clock.instant();
        if (entry.underWay == 0 && !entry.staged) {
          entries.remove(place);
        }
      }
    }
  }

  // Returns the upload that must be removed first; empty when the reservation has succeeded.
  private synchronized Optional<StagingPlace> tryToReserve(StagingPlace place, long bytes) {
    int uploads = entry(place).staged ? 0 : 1;
    Share share = shares.getOrDefault(place.client(), Share.NOTHING).plus(uploads, bytes);
    if (share.exceeds(limits.perClient(), limits.bytesPerClient().toBytes())) {
      return Optional.of(giveUp(place.client(), RESTS_AFTER));
    }
    if (total.plus(uploads, bytes).exceeds(limits.total(), limits.bytesTotal().toBytes())) {
      boolean tooMany = total.uploads() + uploads > limits.total();
      return Optional.of(giveUp(largest(tooMany).orElse(place.client()), RESTS_SOONER_AFTER));
    }
    count(place, bytes);
    return Optional.empty();
  }

  // The client that uses most of the total.
  private Optional<String> largest(boolean byUploads) {
    return shares.entrySet().stream()
        .max(
            Comparator.comparingLong(
                client -> byUploads ? client.getValue().uploads() : client.getValue().bytes()))
        .map(Map.Entry::getKey);
  }

  private StagingPlace giveUp(String client, Duration restsAfter) {
    Instant before = clock.instant().minus(restsAfter);
    StagingPlace oldest =
        resting(place -> place.client().equals(client), before)
            .min(Comparator.comparing(place -> entry(place).touched))
            .orElseThrow(
                () ->
                    new RegistryException(
                        Problem.TOO_MANY,
                        "Too much is being uploaded and not finished: finish uploads, or try again"
                            + " later"));
    forget(oldest);
    return oldest;
  }

  private Stream<StagingPlace> resting(Predicate<StagingPlace> which, Instant before) {
    return entries.entrySet().stream()
        .filter(entry -> which.test(entry.getKey()))
        .filter(
            entry ->
                entry.getValue().staged
                    && entry.getValue().underWay == 0
                    && entry.getValue().touched.isBefore(before))
        .map(Map.Entry::getKey);
  }

  private Entry entry(StagingPlace place) {
    Entry entry = entries.get(place);
    if (entry == null) {
      throw new IllegalStateException("no request is under way for " + place);
    }
    return entry;
  }

  // Counts the upload once, and bytes of it.
  private void count(StagingPlace place, long bytes) {
    Entry entry = entry(place);
    change(place, entry.staged ? 0 : 1, bytes);
    entry.staged = true;
  }

  private void change(StagingPlace place, int uploads, long bytes) {
    Entry entry = entry(place);
    // The reservation may be gone because another request has completed the upload.
    long change = Math.max(bytes, -entry.bytes);
    entry.bytes += change;
    total = total.plus(uploads, change);
    shares.compute(
        place.client(),
        (client, share) -> {
          Share changed = (share == null ? Share.NOTHING : share).plus(uploads, change);
          return changed.equals(Share.NOTHING) ? null : changed;
        });
  }

  private synchronized void forget(StagingPlace place) {
    Entry entry = entry(place);
    change(place, entry.staged ? -1 : 0, -entry.bytes);
    entry.staged = false;
    entry.failed = false;
    if (entry.underWay == 0) {
      entries.remove(place);
    }
  }

  /** Whether a request for the upload is in progress in this process. */
  synchronized boolean isUnderWay(StagingPlace place) {
    Entry entry = entries.get(place);
    return entry != null && entry.underWay > 0;
  }

  /** Adds an upload that was found in the store. */
  synchronized void found(StagingPlace place, long bytes, Instant touched) {
    Entry entry = entries.computeIfAbsent(place, key -> new Entry(touched));
    if (entry.underWay > 0) {
      return;
    }
    entry.touched = touched;
    count(place, bytes - entry.bytes);
  }

  /** Removes inactive uploads that are not in the store any more. */
  synchronized void retain(Set<StagingPlace> found, Instant before) {
    List<StagingPlace> gone = resting(place -> !found.contains(place), before).toList();
    gone.forEach(this::forget);
  }

  /** The number of known uploads. */
  synchronized int uploads() {
    return total.uploads();
  }

  /** The size of all known uploads in bytes. */
  synchronized long bytes() {
    return total.bytes();
  }
}
