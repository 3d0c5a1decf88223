package io.registry.features.events;

import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs the workers of all webhooks while the registry runs. */
final class WebhookDeliveries implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(WebhookDeliveries.class);

  /** How long deliveries in progress may take at the shutdown. */
  private static final Duration FAREWELL = Duration.ofSeconds(2);

  private static final Duration OTHERS = Duration.ofDays(1);

  private final Map<String, WebhookWorker> workers;
  private final Outbox outbox;
  private final Clock clock;

  WebhookDeliveries(Map<String, WebhookWorker> workers, Outbox outbox, Clock clock) {
    this.workers = Map.copyOf(workers);
    this.outbox = outbox;
    this.clock = clock;
  }

  void start() {
    int given = outbox.buryOthers(workers.keySet(), clock.instant().minus(OTHERS));
    if (given > 0) {
      log.warn("{} events for webhooks that are no longer configured are dead letters now", given);
    }
    workers.values().forEach(WebhookWorker::start);
  }

  /** Wakes the worker of a webhook, because there is a new message or a dead letter was retried. */
  void wake(String webhook) {
    WebhookWorker worker = workers.get(webhook);
    if (worker != null) {
      worker.wake();
    }
  }

  @Override
  public void close() {
    workers.values().forEach(WebhookWorker::stop);
    workers.values().forEach(worker -> worker.awaitEnd(FAREWELL));
  }
}
