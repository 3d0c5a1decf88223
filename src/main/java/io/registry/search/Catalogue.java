package io.registry.search;

import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The index in memory, never older than the database when it is asked for: it costs one look at a
 * row, and what has changed since the last time, by this process or another one.
 */
final class Catalogue {
  private static final int AT_ONCE = 5_000;

  private final IndexRows rows;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile Snapshot known = Snapshot.EMPTY;

  Catalogue(IndexRows rows) {
    this.rows = rows;
  }

  /** The index as it is now. */
  Snapshot current() {
    IndexRows.Progress progress = rows.progress();
    if (known.revision() >= progress.revision()) {
      return known;
    }
    lock.lock();
    try {
      // Whoever had it before may have read all that is wanted.
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

  /** How many repositories it knew of when it was asked for the last time. */
  int size() {
    return known.size();
  }

  // Who has not heard of a removal before its row was dropped will not hear of it any more.
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
