package io.registry.operations.collect;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.registry.content.liveness.RemovalGuard;
import java.util.Locale;

/** Measures the collections: see docs/observe.md. */
final class CollectMeters {
  private CollectMeters() {}

  static void register(MeterRegistry registry, Collector collector, RemovalGuard guard) {
    for (DeadUnit.Kind kind : DeadUnit.Kind.values()) {
      FunctionCounter.builder("registry.gc.removed", collector, all -> all.removed(kind))
          .tag("kind", kind.name().toLowerCase(Locale.ROOT))
          .register(registry);
    }
    FunctionCounter.builder("registry.gc.freed.bytes", collector, Collector::bytesFreed)
        .register(registry);
    FunctionCounter.builder("registry.gc.rescued", collector, Collector::rescued)
        .register(registry);
    FunctionCounter.builder("registry.gc.problems", collector, Collector::problems)
        .register(registry);
    Gauge.builder("registry.gc.condemned", guard, RemovalGuard::condemned).register(registry);
  }
}
