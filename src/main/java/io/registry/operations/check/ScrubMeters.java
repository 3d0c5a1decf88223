package io.registry.operations.check;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.registry.content.defect.DefectKind;
import io.registry.content.walk.PacedStorage;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Measures the check in the background: see docs/observe.md. */
final class ScrubMeters {
  private static final List<String> KINDS =
      List.of(
          CheckCounters.IMAGES,
          CheckCounters.REPOSITORIES,
          CheckCounters.TAGS,
          CheckCounters.MANIFESTS,
          CheckCounters.BLOBS);

  private ScrubMeters() {}

  static void register(MeterRegistry registry, Scrub scrub, PacedStorage storage) {
    for (String kind : KINDS) {
      FunctionCounter.builder("registry.check.objects", scrub, all -> all.counters().get(kind))
          .tag("kind", kind)
          .register(registry);
    }
    FunctionCounter.builder("registry.check.bytes", storage, PacedStorage::bytesRead)
        .register(registry);
    for (DefectKind kind : DefectKind.values()) {
      Gauge.builder("registry.check.findings", scrub, all -> all.found(kind))
          .tag("kind", kind.code())
          .tag("severity", kind.severity().name().toLowerCase(Locale.ROOT))
          .register(registry);
    }
    TimeGauge.builder(
            "registry.check.age", scrub, TimeUnit.MILLISECONDS, all -> all.age().toMillis())
        .register(registry);
  }
}
