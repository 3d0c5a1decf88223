package io.registry.content.liveness;

import io.registry.content.liveness.CollectionRuns.Decision;
import io.registry.content.liveness.CollectionRuns.Run;
import io.registry.platform.concurrent.MonotonicClock;
import io.registry.storage.StorageException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Stands between what this process tells its clients and what a collection removes. Before a client
 * is told that condemned content is there, it is rescued; content that is being removed is not
 * there. Costs nothing while nothing is condemned, except that the store is asked once for each
 * lease whether that is still so. The argument is in docs/decisions/0015.
 */
public final class RemovalGuard {
  /** How long a write waits for a removal that is under way, which usually takes milliseconds. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final Duration PAUSE = Duration.ofMillis(50);

  private final CollectionRuns runs;
  private final MonotonicClock clock;
  private final Duration lease;
  private final String store;
  private final boolean isOn;
  private final ReentrantLock asking = new ReentrantLock();
  private volatile Optional<View> view = Optional.empty();

  /**
   * What this process knows of the collections.
   *
   * @param run the collection that is not over; 0 for none
   * @param last the last collection, over or not
   * @param units what it has condemned
   * @param safe the units that certainly stay, with what they need
   * @param asked when the store was asked
   */
  private record View(long run, long last, CondemnedUnits units, Set<String> safe, long asked) {}

  private static final View OFF = new View(0, 0, CondemnedUnits.NONE, Set.of(), 0);

  /**
   * Creates a guard.
   *
   * @param runs the collections of the store
   * @param clock measures the lease
   * @param lease how long this process relies on what it has read of the collections
   * @param store describes the store, for failures
   * @param isOn whether there are collections at all; otherwise the store is never asked
   */
  public RemovalGuard(
      CollectionRuns runs, MonotonicClock clock, Duration lease, String store, boolean isOn) {
    this.runs = runs;
    this.clock = clock;
    this.lease = lease;
    this.store = store;
    this.isOn = isOn;
  }

  private View view() {
    if (!isOn) {
      return OFF;
    }
    Optional<View> now = valid();
    if (now.isPresent()) {
      return now.get();
    }
    asking.lock();
    try {
      return valid().orElseGet(this::ask);
    } finally {
      asking.unlock();
    }
  }

  private Optional<View> valid() {
    return view.filter(known -> clock.nanos() - known.asked() < lease.toNanos());
  }

  // The lease counts from before the store was asked.
  private View ask() {
    long before = clock.nanos();
    long last = runs.last();
    long current = runs.current().map(Run::number).orElse(0L);
    View next =
        view.filter(known -> known.run() == current)
            .map(known -> new View(current, last, known.units(), known.safe(), before))
            .orElseGet(
                () ->
                    new View(
                        current,
                        last,
                        current == 0 ? CondemnedUnits.NONE : runs.condemned(current),
                        ConcurrentHashMap.newKeySet(),
                        before));
    view = Optional.of(next);
    return next;
  }

  /** Asks the store, so that requests need not when the lease is over. */
  public void refresh() {
    asking.lock();
    try {
      View unused = ask();
    } finally {
      asking.unlock();
    }
  }

  /** How many units are condemned, as far as this process knows. */
  public int condemned() {
    return view.map(known -> known.units().size()).orElse(0);
  }

  /** Whether nothing is condemned. */
  boolean isQuiet() {
    return view().units().size() == 0;
  }

  /**
   * The state of the collections, for {@link #mayHaveRemoved}. Take it before it is decided what a
   * client is told.
   */
  public long stamp() {
    return view().last();
  }

  /** Whether something may have been removed or condemned since a {@link #stamp}. */
  public boolean mayHaveRemoved(long stamp) {
    View now = view();
    return now.run() != 0 || now.last() != stamp;
  }

  /**
   * Says whether content is there, and makes sure that it stays if it is.
   *
   * @return false when it is being removed: a client must be told that it is not there
   */
  public boolean isThere(ContentUnit unit) {
    View now = view();
    if (now.units().size() == 0) {
      return true;
    }
    String name = unit.name();
    if (!now.units().contains(name)) {
      return true;
    }
    // After its removal, the store has nothing of it, or what is pushed again.
    Decision decision = rescue(now, name, new HashSet<>());
    return decision.stays() || decision == Decision.REMOVED;
  }

  // What a unit needs comes first, so that a unit that was rescued has everything.
  private Decision rescue(View now, String name, Set<String> visited) {
    if (now.safe().contains(name)) {
      return Decision.RESCUED;
    }
    for (String need : now.units().needs(name)) {
      if (visited.add(need) && !rescue(now, need, visited).stays()) {
        return runs.decision(now.run(), name).orElse(Decision.REMOVING);
      }
    }
    Decision decision = runs.decide(now.run(), name, Decision.RESCUED);
    if (decision.stays()) {
      now.safe().add(name);
    }
    return decision;
  }

  /** What has to be done after a write. */
  @FunctionalInterface
  interface AfterWrite {
    /** Is called when the content is visible. */
    void done();
  }

  /**
   * Makes sure that content which is written next stays. Waits for a removal of the same unit.
   *
   * @throws StorageException {@code UNAVAILABLE} when the removal takes too long
   */
  AfterWrite beforeWrite(ContentUnit unit) {
    View now = view();
    String name = now.units().size() == 0 ? "" : unit.name();
    if (name.isEmpty() || !now.units().contains(name) || now.safe().contains(name)) {
      return () -> {};
    }
    if (awaitRemoval(now.run(), name, unit).stays()) {
      return () -> {};
    }
    long run = now.run();
    return () -> runs.replace(run, name, Decision.RESCUED);
  }

  private Decision awaitRemoval(long run, String name, ContentUnit unit) {
    long begun = clock.nanos();
    Decision decision = runs.decide(run, name, Decision.RESCUED);
    while (decision == Decision.REMOVING) {
      if (clock.nanos() - begun > PATIENCE.toNanos()) {
        throw new StorageException(
            StorageException.Reason.UNAVAILABLE,
            store,
            "write",
            unit.key(),
            new TimeoutException("the collection is removing it: try again later"));
      }
      pause();
      decision = runs.decision(run, name).orElse(Decision.REMOVING);
    }
    return decision;
  }

  private void pause() {
    try {
      clock.pause(PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while a removal was under way", e);
    }
  }
}
