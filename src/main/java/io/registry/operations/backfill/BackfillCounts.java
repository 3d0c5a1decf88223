package io.registry.operations.backfill;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** Counts, by many threads. */
final class BackfillCounts {

  /** What is counted. The names are those of the report. */
  enum Count {
    REPOSITORIES("repositories"),
    TAGS("tags"),
    IMAGES("images"),
    KNOWN("preparedBefore"),
    PREPARED("preparedNow"),
    UNPREPARED("notPrepared"),
    REFUSED("notRepresentable"),
    ABSENT("missing"),
    UNDER_WAY("beingUploaded"),
    FAILED("failed"),
    LAYERS_READ("layersRead"),
    BYTES_READ("bytesRead"),
    BYTES_WRITTEN("bytesWritten"),
    LAYERS_UNREAD("layersToRead"),
    BYTES_UNREAD("bytesToRead"),
    MATERIALIZED("layersMaterialized"),
    BYTES_MATERIALIZED("bytesMaterialized"),
    FINDINGS("findings");

    private final String label;

    Count(String label) {
      this.label = label;
    }
  }

  private final Map<Count, LongAdder> all = new EnumMap<>(Count.class);

  BackfillCounts() {
    for (Count count : Count.values()) {
      all.put(count, new LongAdder());
    }
  }

  void add(Count count, long number) {
    adder(count).add(number);
  }

  long get(Count count) {
    return adder(count).sum();
  }

  /** Begins again. */
  void clear() {
    all.values().forEach(LongAdder::reset);
  }

  private LongAdder adder(Count count) {
    return Objects.requireNonNull(all.get(count));
  }

  /** All of them by the names of the report. */
  Map<String, Long> byName() {
    Map<String, Long> named = new LinkedHashMap<>();
    all.forEach((count, number) -> named.put(count.label, number.sum()));
    return named;
  }
}
