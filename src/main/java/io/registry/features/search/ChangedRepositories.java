package io.registry.features.search;

import io.registry.content.repository.RepositoryName;
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
 * A queue of repositories that have changed and must be read again. Each is queued once, however
 * often it changes. When there are too many, the queue is replaced by one scan of the whole store.
 */
final class ChangedRepositories {
  /** The names take about 2 MB. */
  static final int MOST = 10_000;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition news = lock.newCondition();

  /** The value says whether one of the changes was a removal. */
  private final Map<RepositoryName, Boolean> waiting = new LinkedHashMap<>();

  private boolean scanWanted;

  /**
   * A repository that changed.
   *
   * @param repository its name
   * @param wasRemoved whether it was removed, even if it exists again
   */
  record Hint(RepositoryName repository, boolean wasRemoved) {}

  /** Queues a repository. Does not block for long. */
  void note(Hint hint) {
    lock.lock();
    try {
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

  /** Requests a scan of the whole store. */
  void wantScan() {
    lock.lock();
    try {
      scanWanted = true;
      news.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Takes the oldest entries. Queue them again if they could not be read. */
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

  /** Whether a scan was requested since the last call. */
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

  /** Wakes up the waiting thread. */
  void wake() {
    lock.lock();
    try {
      news.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until there is work, the time is over, or {@code goesOn} returns false. */
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
