package io.registry.features.events;

import io.micrometer.core.instrument.MeterRegistry;
import io.registry.platform.json.JsonCodec;
import java.time.Clock;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Configures the events; no listener is registered when there are no receivers. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnEvents
@EnableConfigurationProperties(EventProperties.class)
class EventConfiguration {

  @Bean
  EventMeters eventMeters(MeterRegistry registry) {
    return new EventMeters(registry);
  }

  @Bean
  EventTelling eventTelling(ObjectProvider<EventSink> sinks, EventOrigins origins, Clock clock) {
    return new EventTelling(sinks.orderedStream().toList(), origins, clock);
  }

  @Bean
  @ConditionalOnProperty("registry.events.log")
  EventLog eventLog(JsonCodec codec) {
    return new EventLog(codec);
  }
}
