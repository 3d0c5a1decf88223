package io.registry.features.events;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/** Metrics of the events: see docs/events.md. */
final class EventMeters {
  private static final List<String> OUTCOMES = List.of("delivered", "failed", "given-up");

  private final MeterRegistry registry;

  EventMeters(MeterRegistry registry) {
    this.registry = registry;
    // Registers the series at the start: one that begins with the first failure would show no
    // increase.
    List.of("database", "full").forEach(reason -> lost(reason).increment(0));
  }

  /**
   * Counts an attempt to deliver to a webhook: {@code delivered}, {@code failed} or {@code
   * given-up}.
   */
  void attempted(String webhook, String outcome) {
    deliveries(webhook, outcome).increment();
  }

  private Counter deliveries(String webhook, String outcome) {
    return registry.counter("registry.events.deliveries", "webhook", webhook, "outcome", outcome);
  }

  /** Counts an event that is lost for all webhooks: {@code database} or {@code full}. */
  void isLost(String reason) {
    lost(reason).increment();
  }

  private Counter lost(String reason) {
    return registry.counter("registry.events.lost", "reason", reason);
  }

  /** Measures a question to the veto hook. */
  void asked(String outcome, long nanos) {
    registry.timer("registry.events.veto", "outcome", outcome).record(Duration.ofNanos(nanos));
  }

  /** Registers the gauges of a webhook's backlog. */
  void watch(String webhook, WebhookBacklog backlog) {
    OUTCOMES.forEach(outcome -> deliveries(webhook, outcome).increment(0));
    gauge("registry.events.waiting", webhook, backlog, of -> of.of(webhook).waiting());
    gauge("registry.events.dead", webhook, backlog, of -> of.of(webhook).dead());
    TimeGauge.builder(
            "registry.events.oldest", () -> backlog.age(webhook).toMillis(), TimeUnit.MILLISECONDS)
        .tag("webhook", webhook)
        .register(registry);
  }

  private void gauge(
      String name, String webhook, WebhookBacklog backlog, ToDoubleFunction<WebhookBacklog> value) {
    Gauge.builder(name, backlog, value).tag("webhook", webhook).register(registry);
  }
}
