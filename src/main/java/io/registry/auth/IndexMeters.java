package io.registry.auth;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.TimeUnit;

/** Measures what the index is asked: see docs/index.md. */
final class IndexMeters {
  private final MeterRegistry registry;

  IndexMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  /**
   * Counts a question.
   *
   * @param question what was asked
   * @param outcome how that ended
   * @param nanos how long it took with all attempts
   */
  void asked(String question, String outcome, long nanos) {
    registry
        .timer("registry.index.questions", "question", question, "outcome", outcome)
        .record(nanos, TimeUnit.NANOSECONDS);
  }
}
