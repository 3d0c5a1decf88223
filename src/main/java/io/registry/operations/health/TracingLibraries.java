package io.registry.operations.health;

import java.util.stream.Stream;
import org.springframework.boot.micrometer.tracing.autoconfigure.MicrometerTracingAutoConfiguration;
import org.springframework.boot.micrometer.tracing.opentelemetry.autoconfigure.OpenTelemetryTracingAutoConfiguration;
import org.springframework.boot.micrometer.tracing.opentelemetry.autoconfigure.otlp.OtlpTracingAutoConfiguration;
import org.springframework.boot.opentelemetry.autoconfigure.OpenTelemetrySdkAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.WebMvcObservationAutoConfiguration;
import org.springframework.context.annotation.DeferredImportSelector;
import org.springframework.core.Ordered;
import org.springframework.core.type.AnnotationMetadata;

/**
 * Imports Spring Boot's auto-configurations for tracing, in an order in which each finds what it
 * needs, and after all others.
 */
final class TracingLibraries implements DeferredImportSelector, Ordered {

  @Override
  public String[] selectImports(AnnotationMetadata importing) {
    return Stream.of(
            OpenTelemetrySdkAutoConfiguration.class,
            OpenTelemetryTracingAutoConfiguration.class,
            OtlpTracingAutoConfiguration.class,
            MicrometerTracingAutoConfiguration.class,
            WebMvcObservationAutoConfiguration.class)
        .map(Class::getName)
        .toArray(String[]::new);
  }

  @Override
  public int getOrder() {
    return LOWEST_PRECEDENCE;
  }
}
