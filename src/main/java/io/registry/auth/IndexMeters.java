package io.registry.auth;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Measures what the index is asked: see docs/index.md. */
final class IndexMeters {
  private final MeterRegistry registry;

  IndexMeters(MeterRegistry registry) {
    this.registry = registry;
    // A series that begins with the first failure is not seen to rise.
    for (String question : List.of("images", "access", "ping")) {
      for (String outcome : List.of("yes", "no", "failed", "left-alone")) {
        Timer unused = timer(question, outcome);
      }
    }
  }

  /** Watches whether the index is left alone, or is just tried again. */
  void watch(BooleanSupplier leftAlone) {
    Gauge.builder("registry.index.circuit.open", () -> leftAlone.getAsBoolean() ? 1 : 0)
        .register(registry);
  }

  /**
   * Counts a question.
   *
   * @param question what was asked
   * @param outcome how that ended
   * @param nanos how long it took with all attempts
   */
  void asked(String question, String outcome, long nanos) {
    timer(question, outcome).record(nanos, TimeUnit.NANOSECONDS);
  }

  private Timer timer(String question, String outcome) {
    return registry.timer("registry.index.questions", "question", question, "outcome", outcome);
  }
}
