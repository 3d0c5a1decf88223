package io.registry.events;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/** What events tell of themselves: see docs/events.md. */
final class EventMeters {
  private final MeterRegistry registry;

  EventMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  /** Counts an attempt to tell a webhook: {@code delivered}, {@code failed} or {@code given-up}. */
  void attempted(String webhook, String outcome) {
    registry
        .counter("registry.events.deliveries", "webhook", webhook, "outcome", outcome)
        .increment();
  }

  /** Counts an event that no webhook will be told: {@code database} or {@code full}. */
  void lost(String reason) {
    registry.counter("registry.events.lost", "reason", reason).increment();
  }

  /** Measures a question to the veto hook. */
  void asked(String outcome, long nanos) {
    registry.timer("registry.events.veto", "outcome", outcome).record(Duration.ofNanos(nanos));
  }

  /** Watches what a webhook has not been told. */
  void watch(String webhook, WebhookBacklog backlog) {
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
