package io.registry.operations.check;

import io.micrometer.core.instrument.MeterRegistry;
import io.registry.content.image.LayerPointers;
import io.registry.content.liveness.UnguardedStore;
import io.registry.content.walk.PacedStorage;
import io.registry.content.walk.ReadRate;
import java.time.Clock;
import java.util.concurrent.CountDownLatch;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Checks the store in the background of a server, where that is wanted. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(CheckProperties.class)
class ScrubConfiguration {

  @Bean
  @ConditionalOnBooleanProperty(prefix = "registry.check", name = "scrub")
  ScrubTask scrubTask(
      UnguardedStore store, CheckProperties properties, MeterRegistry meters, Clock clock) {
    CountDownLatch stop = new CountDownLatch(1);
    PacedStorage paced =
        new PacedStorage(new LayerPointers(store.storage()), new ReadRate(properties.rate()), stop);
    Scrub scrub = new Scrub(paced, properties, clock);
    ScrubMeters.register(meters, scrub, paced);
    return new ScrubTask(scrub, stop);
  }
}
