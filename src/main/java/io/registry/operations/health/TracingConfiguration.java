package io.registry.operations.health;

import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.propagation.Propagator;
import io.registry.platform.trace.Traces;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/**
 * Configures tracing, if it is enabled. Otherwise Spring Boot's tracing is excluded from the
 * application, so that none of it runs: see {@code RegistryApplication}.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnBooleanProperty("registry.tracing.enabled")
@EnableConfigurationProperties(TracingProperties.class)
@Import(TracingLibraries.class)
class TracingConfiguration {

  @Bean
  Traces traces(Tracer tracer, Propagator propagator) {
    return new MicrometerTraces(tracer, propagator);
  }
}
