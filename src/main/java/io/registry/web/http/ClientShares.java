package io.registry.web.http;

import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Limits how many requests of one kind each client runs, with a queue for each client. So a client
 * that takes all it can get waits for itself, and not the others for it. Only clients with requests
 * are remembered.
 */
final class ClientShares {
  private final ConcurrentMap<String, Share> shares = new ConcurrentHashMap<>();

  private record Share(ConcurrencyLimit limit, int users) {}

  /**
   * Enters, in the order of arrival among the requests of the client.
   *
   * @param client the client
   * @param limit up to how many requests of it run; for a client that is here already, what it was
   *     at first
   * @param queue up to how many more wait
   * @param most longest time to wait
   * @return whether the client has entered; only then it must {@link #leave}
   */
  boolean enter(String client, int limit, int queue, Duration most) throws InterruptedException {
    Share share =
        shares.compute(
            client,
            (name, known) ->
                known == null
                    ? new Share(new ConcurrencyLimit(limit, queue), 1)
                    : new Share(known.limit(), known.users() + 1));
    boolean entered = false;
    try {
      entered = share.limit().enter(most);
      return entered;
    } finally {
      if (!entered) {
        forget(client);
      }
    }
  }

  /** Leaves. */
  void leave(String client) {
    Share share = shares.get(client);
    if (share != null) {
      share.limit().leave();
      forget(client);
    }
  }

  private void forget(String client) {
    shares.computeIfPresent(
        client,
        (name, known) -> known.users() == 1 ? null : new Share(known.limit(), known.users() - 1));
  }

  int waiting() {
    return shares.values().stream().mapToInt(share -> share.limit().waiting()).sum();
  }
}
