package io.registry.web;

import java.util.OptionalInt;

/**
 * How the threads of a pool are shared out, where a request keeps one also while it waits: JDKs
 * without virtual threads. An eighth stays for those that are not bounded, such as {@code _ping}
 * and health.
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
    return threads.isPresent() ? threads.getAsInt() * parts(kind) / PARTS : Integer.MAX_VALUE;
  }

  // Most downloads from a disk leave their thread at once.
  private static int parts(WorkKind kind) {
    return switch (kind) {
      case UPLOAD -> 7;
      case DOWNLOAD -> 4;
      case METADATA -> 3;
    };
  }
}
