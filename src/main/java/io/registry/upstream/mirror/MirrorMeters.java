package io.registry.upstream.mirror;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Metrics of the questions to the source and of the fetched layers: see docs/mirror.md. */
final class MirrorMeters {
  private final MeterRegistry registry;
  private final Counter bytes;

  MirrorMeters(MeterRegistry registry) {
    this.registry = registry;
    this.bytes = Counter.builder("registry.mirror.bytes").baseUnit("bytes").register(registry);
  }

  /** Counts an answer to a client: from the local store, or with the help of the source. */
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

  /** Counts bytes of layers received from the source. */
  void received(long count) {
    bytes.increment((double) count);
  }

  /** Counts the fetch of a layer, with its outcome. */
  void fetched(String outcome, long nanos) {
    registry
        .timer("registry.mirror.fetches", "outcome", outcome)
        .record(nanos, TimeUnit.NANOSECONDS);
  }

  /** Registers the gauge of the circuit breaker of the source or of its index. */
  void watchCircuit(String peer, BooleanSupplier leftAlone) {
    Gauge.builder("registry.mirror.circuit.open", () -> leftAlone.getAsBoolean() ? 1 : 0)
        .tag("peer", peer)
        .register(registry);
  }

  /** Registers a gauge. */
  void watch(String name, Supplier<Number> number) {
    Gauge.builder("registry.mirror." + name, number).register(registry);
  }
}
