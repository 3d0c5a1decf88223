package io.registry.web.http;

import io.registry.operations.control.BegunPushes;
import io.registry.web.http.Protocol.PushStep;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/** Knows the begun pushes of each client address, and decides whom a stopping registry serves. */
@Component
final class ClientPushes implements BegunPushes {
  /** A client that does nothing for so long in the middle of a push has gone. */
  private static final Duration SILENCE = Duration.ofSeconds(30);

  /** Pushes beyond these are not waited for. */
  private static final int MOST = 10_000;

  private final Map<Push, Instant> begun = new ConcurrentHashMap<>();
  private final Map<String, Integer> active = new ConcurrentHashMap<>();
  private final Clock clock;
  private volatile boolean closed;

  ClientPushes(Clock clock) {
    this.clock = clock;
  }

  private record Push(String client, String repository) {}

  @Override
  public void closeToOthers() {
    closed = true;
  }

  @Override
  public int count() {
    Instant limit = clock.instant().minus(SILENCE);
    begun
        .entrySet()
        .removeIf(
            push -> push.getValue().isBefore(limit) && !active.containsKey(push.getKey().client()));
    return begun.size();
  }

  /** Whether a client's request is served. */
  boolean serves(String client) {
    return !closed || begun.keySet().stream().anyMatch(push -> push.client().equals(client));
  }

  /** A request of a client begins. */
  void enter(String client) {
    active.merge(client, 1, Integer::sum);
  }

  /** A request of a client has ended. */
  void leave(String client) {
    active.computeIfPresent(client, (key, count) -> count == 1 ? null : count - 1);
    if (!begun.isEmpty()) {
      Instant now = clock.instant();
      begun.replaceAll((push, last) -> push.client().equals(client) ? now : last);
    }
  }

  /** A client's request that began or ended a push has succeeded. */
  void pushed(String client, PushStep step) {
    Push push = new Push(client, step.repository());
    if (step.last()) {
      begun.remove(push);
    } else if (begun.size() < MOST || count() < MOST) {
      begun.put(push, clock.instant());
    }
  }
}
