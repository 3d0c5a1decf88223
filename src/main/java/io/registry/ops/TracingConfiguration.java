package io.registry.ops;

import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.propagation.Propagator;
import io.registry.trace.Traces;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.micrometer.tracing.autoconfigure.MicrometerTracingAutoConfiguration;
import org.springframework.boot.micrometer.tracing.opentelemetry.autoconfigure.OpenTelemetryTracingAutoConfiguration;
import org.springframework.boot.micrometer.tracing.opentelemetry.autoconfigure.otlp.OtlpTracingAutoConfiguration;
import org.springframework.boot.opentelemetry.autoconfigure.OpenTelemetrySdkAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.WebMvcObservationAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Traces requests, when that is switched on. What Spring Boot has for it is left out of the
 * registry otherwise, so that nothing of it runs: see {@code RegistryApplication}.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnBooleanProperty("registry.tracing.enabled")
@EnableConfigurationProperties(TracingProperties.class)
@ImportAutoConfiguration({
  OpenTelemetrySdkAutoConfiguration.class,
  OpenTelemetryTracingAutoConfiguration.class,
  OtlpTracingAutoConfiguration.class,
  MicrometerTracingAutoConfiguration.class,
  WebMvcObservationAutoConfiguration.class
})
class TracingConfiguration {

  @Bean
  Traces traces(Tracer tracer, Propagator propagator) {
    return new MicrometerTraces(tracer, propagator);
  }
}
