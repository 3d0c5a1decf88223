package io.registry.access.auth;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Metrics of the questions to the remote index: see docs/index.md. */
final class IndexMeters {
  private final MeterRegistry registry;

  IndexMeters(MeterRegistry registry) {
    this.registry = registry;
    // Registers the series at the start: one that begins with the first failure would show no
    // increase.
    for (String question : List.of("images", "access", "ping")) {
      for (String outcome : List.of("yes", "no", "failed", "left-alone")) {
        timer(question, outcome);
      }
    }
  }

  /** Registers the gauge of the circuit breaker's state. */
  void watch(BooleanSupplier leftAlone) {
    Gauge.builder("registry.index.circuit.open", () -> leftAlone.getAsBoolean() ? 1 : 0)
        .register(registry);
  }

  /**
   * Counts a question.
   *
   * @param question the kind of question
   * @param outcome how it ended
   * @param nanos how long it took with all attempts, in nanoseconds
   */
  void asked(String question, String outcome, long nanos) {
    timer(question, outcome).record(nanos, TimeUnit.NANOSECONDS);
  }

  private Timer timer(String question, String outcome) {
    return registry.timer("registry.index.questions", "question", question, "outcome", outcome);
  }
}
