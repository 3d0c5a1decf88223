package io.registry.mirror;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Measures what the source is asked and what comes of it: see docs/mirror.md. */
final class MirrorMeters {
  private final MeterRegistry registry;
  private final Counter bytes;

  MirrorMeters(MeterRegistry registry) {
    this.registry = registry;
    this.bytes = Counter.builder("registry.mirror.bytes").baseUnit("bytes").register(registry);
  }

  /** Counts an answer to a client: out of what is here, or after a look at the source. */
  void got(String what, boolean here) {
    registry
        .counter("registry.mirror.gets", "what", what, "result", here ? "hit" : "miss")
        .increment();
  }

  /** Counts a question to the source. */
  void asked(String question, String outcome, long nanos) {
    registry
        .timer("registry.mirror.questions", "question", question, "outcome", outcome)
        .record(nanos, TimeUnit.NANOSECONDS);
  }

  /** Counts bytes of layers that have come from the source. */
  void received(long count) {
    bytes.increment((double) count);
  }

  /** Counts a layer that was fetched, or was not. */
  void fetched(String outcome, long nanos) {
    registry
        .timer("registry.mirror.fetches", "outcome", outcome)
        .record(nanos, TimeUnit.NANOSECONDS);
  }

  /** Watches whether the source, or its index, is left alone, or is just tried again. */
  void watchCircuit(String peer, BooleanSupplier leftAlone) {
    Gauge.builder("registry.mirror.circuit.open", () -> leftAlone.getAsBoolean() ? 1 : 0)
        .tag("peer", peer)
        .register(registry);
  }

  /** Watches a number. */
  void watch(String name, Supplier<Number> number) {
    Gauge.builder("registry.mirror." + name, number).register(registry);
  }
}
