package io.registry.operations.transfer;

import io.registry.operations.transfer.ReportLine.Result;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Counts what became of images, by many threads. */
final class TransferCounts {
  private final Map<Result, LongAdder> results = new EnumMap<>(Result.class);
  private final LongAdder bytes = new LongAdder();

  TransferCounts() {
    for (Result result : Result.values()) {
      results.put(result, new LongAdder());
    }
  }

  void add(Result result) {
    LongAdder count = results.get(result);
    if (count != null) {
      count.increment();
    }
  }

  void addBytes(long more) {
    bytes.add(more);
  }

  long bytes() {
    return bytes.sum();
  }

  long all() {
    return results.values().stream().mapToLong(LongAdder::sum).sum();
  }

  long findings() {
    return results.entrySet().stream()
        .filter(each -> each.getKey().isFinding())
        .mapToLong(each -> each.getValue().sum())
        .sum();
  }

  /** All of them by the names of the report. */
  Map<String, Long> byName() {
    Map<String, Long> named = new LinkedHashMap<>();
    results.forEach((result, count) -> named.put(name(result), count.sum()));
    named.put("bytes", bytes.sum());
    named.put("findings", findings());
    return named;
  }

  static String name(Result result) {
    return result.name().toLowerCase(Locale.ROOT);
  }
}
