package io.registry.operations.backfill;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.registry.operations.backfill.BackfillCounts.Count;
import java.util.Map;

/** Measures how far the server is with preparing the store. */
final class BackfillMeters {
  private static final Map<String, Count> OUTCOMES =
      Map.of(
          "known", Count.KNOWN,
          "prepared", Count.PREPARED,
          "refused", Count.REFUSED,
          "absent", Count.ABSENT,
          "uploading", Count.UNDER_WAY,
          "failed", Count.FAILED);

  private BackfillMeters() {}

  static void register(MeterRegistry registry, BackfillCounts counts) {
    OUTCOMES.forEach(
        (outcome, count) ->
            FunctionCounter.builder("registry.backfill.images", counts, all -> all.get(count))
                .tag("outcome", outcome)
                .register(registry));
    FunctionCounter.builder("registry.backfill.bytes", counts, all -> all.get(Count.BYTES_READ))
        .register(registry);
  }
}
