package io.registry.web;

import java.util.OptionalInt;

/**
 * How many threads of a pool those may keep who send or take slowly, where a request has one also
 * while it waits: on JDKs without virtual threads. What they may not have is always there for small
 * requests that only read, of which those that find no thread wait in the pool's own queue, in the
 * order of coming.
 *
 * @param threads the size of the pool; nothing where there is no pool
 */
record ThreadShares(OptionalInt threads) {
  private static final int PARTS = 16;

  /** So many requests of a kind may be answered. */
  int limit(WorkKind kind, int wanted) {
    return Math.min(wanted, Math.max(1, share(kind) / 4 * 3));
  }

  /** So many more may wait. */
  int queue(WorkKind kind, int limit, int wanted) {
    return Math.min(wanted, Math.max(0, share(kind) - limit));
  }

  private int share(WorkKind kind) {
    if (threads.isEmpty()) {
      return Integer.MAX_VALUE;
    }
    return switch (kind) {
      case METADATA -> Integer.MAX_VALUE;
      case CHANGE -> threads.getAsInt() * 3 / PARTS;
      case UPLOAD -> threads.getAsInt() * 6 / PARTS;
      // Most of those from a disk give their thread back at once.
      case DOWNLOAD -> threads.getAsInt() * 4 / PARTS;
    };
  }
}
