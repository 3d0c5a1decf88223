package io.registry.web.v1;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.springframework.stereotype.Component;

/** Metrics of the uploads in progress: see docs/observe.md. */
@Component
class UploadsUnderWay {
  private final Map<Object, Instant> beginnings = new ConcurrentHashMap<>();
  private final Clock clock;

  UploadsUnderWay(MeterRegistry registry, Clock clock) {
    this.clock = clock;
    Gauge.builder("registry.uploads.active", beginnings::size).register(registry);
    TimeGauge.builder("registry.uploads.oldest", () -> oldest().toMillis(), TimeUnit.MILLISECONDS)
        .register(registry);
  }

  /**
   * An upload.
   *
   * @param <V> the type of its result
   */
  @FunctionalInterface
  interface Upload<V> {

    /** Receives the upload. */
    V receive() throws IOException;
  }

  /** Runs an upload and counts it while it runs. */
  <V> V during(Upload<V> upload) throws IOException {
    Object key = new Object();
    beginnings.put(key, clock.instant());
    try {
      return upload.receive();
    } finally {
      beginnings.remove(key);
    }
  }

  private Duration oldest() {
    Instant now = clock.instant();
    return beginnings.values().stream()
        .min(Instant::compareTo)
        .map(beginning -> Duration.between(beginning, now))
        .orElse(Duration.ZERO);
  }
}
