package io.registry.ops;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Traces of requests, in the form and by the protocol of OpenTelemetry.
 *
 * @param enabled whether requests are traced; where traces are sent is for {@code
 *     management.opentelemetry.tracing.export.otlp.endpoint} to say, and how many for {@code
 *     management.tracing.sampling.probability}
 */
@ConfigurationProperties("registry.tracing")
public record TracingProperties(@DefaultValue("false") boolean enabled) {}
