package io.registry.web.http;

import java.util.OptionalInt;

/**
 * Divides a thread pool among the kinds of requests whose clients may be slow. It matters on JDKs
 * without virtual threads, where a request occupies a thread also while it waits. The rest of the
 * pool stays free for small reading requests; those that find no thread wait in the pool's own
 * queue, in the order of arrival.
 *
 * @param threads the size of the pool; empty where there is no pool
 */
record ThreadShares(OptionalInt threads) {
  private static final int PARTS = 16;

  /** Up to how many requests of a kind may run. */
  int limit(WorkKind kind, int wanted) {
    return Math.min(wanted, Math.max(1, share(kind) / 4 * 3));
  }

  /** Up to how many more may wait. */
  int queue(WorkKind kind, int limit, int wanted) {
    return Math.min(wanted, Math.max(0, share(kind) - limit));
  }

  /**
   * Up to how many bounded requests of all kinds have a thread, run or wait. The other threads
   * answer what is not bounded: {@code _ping} and health.
   */
  int bounded() {
    return threads.isEmpty()
        ? Integer.MAX_VALUE
        : Math.max(1, threads.getAsInt() - Math.max(1, threads.getAsInt() / PARTS));
  }

  private int share(WorkKind kind) {
    if (threads.isEmpty()) {
      return Integer.MAX_VALUE;
    }
    return switch (kind) {
      case METADATA -> Integer.MAX_VALUE;
      case CHANGE -> threads.getAsInt() * 3 / PARTS;
      case UPLOAD -> threads.getAsInt() * 6 / PARTS;
      // Downloads from a local disk mostly free their thread at once.
      case DOWNLOAD -> threads.getAsInt() * 4 / PARTS;
    };
  }
}
