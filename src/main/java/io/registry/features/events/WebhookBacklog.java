package io.registry.features.events;

import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The backlog of each webhook, as of the last query. */
public final class WebhookBacklog {
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final Map<String, Backlog> backlogs = new ConcurrentHashMap<>();
  private final Clock clock;

  WebhookBacklog(Clock clock) {
    this.clock = clock;
  }

  void note(String webhook, Backlog backlog) {
    backlogs.put(webhook, backlog);
  }

  Backlog of(String webhook) {
    return backlogs.getOrDefault(webhook, Backlog.NONE);
  }

  /** How long the oldest undelivered event of a webhook has waited; 0 when none waits. */
  Duration age(String webhook) {
    return of(webhook)
        .oldest()
        .map(time -> Duration.between(time, clock.instant()))
        .orElse(Duration.ZERO);
  }

  /** Whether there are dead letters, or an event has waited for more than five minutes. */
  public boolean isBehind() {
    return backlogs.values().stream()
        .anyMatch(
            backlog ->
                backlog.dead() > 0
                    || backlog
                        .oldest()
                        .filter(time -> time.isBefore(clock.instant().minus(PATIENCE)))
                        .isPresent());
  }
}
