package io.registry.operations.health;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of tracing with OpenTelemetry.
 *
 * @param enabled whether requests are traced; {@code
 *     management.opentelemetry.tracing.export.otlp.endpoint} sets where traces are sent, and {@code
 *     management.tracing.sampling.probability} how many
 */
@ConfigurationProperties("registry.tracing")
public record TracingProperties(@DefaultValue("false") boolean enabled) {}
