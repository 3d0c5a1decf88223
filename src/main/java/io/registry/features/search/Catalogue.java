package io.registry.features.search;

import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The search index in memory, brought up to date with the database before each search: that reads
 * one row, and the rows that any process has changed since the last time.
 */
final class Catalogue {
  private static final int AT_ONCE = 5_000;

  private final IndexRows rows;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile Snapshot known = Snapshot.EMPTY;

  Catalogue(IndexRows rows) {
    this.rows = rows;
  }

  /** The current index. */
  Snapshot current() {
    IndexRows.Progress progress = rows.progress();
    if (known.revision() >= progress.revision()) {
      return known;
    }
    lock.lock();
    try {
      // Another thread may have loaded the changes while this one waited for the lock.
      while (known.revision() < progress.revision()) {
        Snapshot read = read(progress);
        IndexRows.Progress since = rows.progress();
        if (since.forgotten() == progress.forgotten()) {
          known = read;
        }
        progress = since.forgotten() == progress.forgotten() ? progress : since;
      }
      return known;
    } finally {
      lock.unlock();
    }
  }

  /** The number of repositories at the last search. */
  int size() {
    return known.size();
  }

  // The rows of removed repositories are deleted some time later: after a longer pause, changes may
  // be missing and everything is read again.
  private Snapshot read(IndexRows.Progress progress) {
    Snapshot now = known.revision() < progress.forgotten() ? Snapshot.EMPTY : known;
    List<IndexRow> changes = rows.changedAfter(now.revision(), AT_ONCE);
    while (!changes.isEmpty()) {
      now = now.with(changes, changes.get(changes.size() - 1).revision());
      changes = changes.size() < AT_ONCE ? List.of() : rows.changedAfter(now.revision(), AT_ONCE);
    }
    return new Snapshot(Math.max(now.revision(), progress.revision()), now.entries());
  }
}
