package io.registry.web.v1;

import io.micrometer.core.instrument.LongTaskTimer;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import org.springframework.stereotype.Component;

/** How many layers are being received, and for how long: see docs/observe.md. */
@Component
class UploadsUnderWay {
  private final LongTaskTimer timer;

  UploadsUnderWay(MeterRegistry registry) {
    this.timer = LongTaskTimer.builder("registry.uploads").register(registry);
  }

  /** An upload. */
  @FunctionalInterface
  interface Upload<V> {

    /** Receives it. */
    V receive() throws IOException;
  }

  /** Counts it as long as it takes. */
  <V> V during(Upload<V> upload) throws IOException {
    LongTaskTimer.Sample sample = timer.start();
    try {
      return upload.receive();
    } finally {
      long unused = sample.stop();
    }
  }
}
