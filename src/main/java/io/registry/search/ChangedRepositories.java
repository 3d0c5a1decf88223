package io.registry.search;

import io.registry.repository.RepositoryName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * The repositories of which somebody has heard that they changed, until somebody looks. Each is
 * there once, however often it changes. When there are too many, all are dropped for a scan of the
 * whole store.
 */
final class ChangedRepositories {
  /** About 2 MB of names. */
  static final int MOST = 10_000;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition news = lock.newCondition();

  /** Whether each was removed, among what happened to it. */
  private final Map<RepositoryName, Boolean> waiting = new LinkedHashMap<>();

  private boolean scanWanted;

  /**
   * A repository that changed.
   *
   * @param repository its name
   * @param wasRemoved whether it was removed, even when it is there again
   */
  record Hint(RepositoryName repository, boolean wasRemoved) {}

  /** Notes that a repository changed. Never waits for long. */
  void note(Hint hint) {
    lock.lock();
    try {
      Boolean unused =
          waiting.merge(hint.repository(), hint.wasRemoved(), (before, now) -> before || now);
      if (waiting.size() > MOST) {
        waiting.clear();
        scanWanted = true;
      }
      news.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Notes that the whole store has to be looked at. */
  void wantScan() {
    lock.lock();
    try {
      scanWanted = true;
      news.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Takes the oldest ones away, to be noted again when they were not looked at. */
  List<Hint> take(int most) {
    lock.lock();
    try {
      List<Hint> taken = new ArrayList<>();
      Iterator<Map.Entry<RepositoryName, Boolean>> entries = waiting.entrySet().iterator();
      while (taken.size() < most && entries.hasNext()) {
        Map.Entry<RepositoryName, Boolean> entry = entries.next();
        taken.add(new Hint(entry.getKey(), entry.getValue()));
        entries.remove();
      }
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /** Whether a scan is wanted by somebody who has not been heard yet. */
  boolean takeScan() {
    lock.lock();
    try {
      boolean wanted = scanWanted;
      scanWanted = false;
      return wanted;
    } finally {
      lock.unlock();
    }
  }

  boolean isScanWanted() {
    lock.lock();
    try {
      return scanWanted;
    } finally {
      lock.unlock();
    }
  }

  int size() {
    lock.lock();
    try {
      return waiting.size();
    } finally {
      lock.unlock();
    }
  }

  /** Ends the waiting of who has asked to wait. */
  void wake() {
    lock.lock();
    try {
      news.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until there is something to do, until the time is over, or until it is not to. */
  void await(Duration longest, BooleanSupplier goesOn) {
    long left = longest.toNanos();
    lock.lock();
    try {
      while (waiting.isEmpty() && !scanWanted && goesOn.getAsBoolean() && left > 0) {
        left = news.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }
}
