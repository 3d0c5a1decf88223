package io.registry.operations.health;

import io.micrometer.tracing.Span;
import io.micrometer.tracing.TraceContext;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.propagation.Propagator;
import io.registry.platform.trace.TracedPart;
import io.registry.platform.trace.Traces;
import java.util.HashMap;
import java.util.Map;

/**
 * Implements {@link Traces} with Micrometer: creates the spans below that of the server request.
 */
final class MicrometerTraces implements Traces {
  private final Tracer tracer;
  private final Propagator propagator;

  MicrometerTraces(Tracer tracer, Propagator propagator) {
    this.tracer = tracer;
    this.propagator = propagator;
  }

  @Override
  public TracedPart begin(String name) {
    Span parent = tracer.currentSpan();
    if (parent == null) {
      return NONE.begin(name);
    }
    Span span =
        tracer.spanBuilder().setParent(parent.context()).kind(Span.Kind.CLIENT).name(name).start();
    return new SpanPart(span);
  }

  @Override
  public Map<String, String> headers() {
    Span span = tracer.currentSpan();
    return span == null ? Map.of() : headers(span.context());
  }

  @Override
  public Runnable carried(Runnable work) {
    Span span = tracer.currentSpan();
    if (span == null) {
      return work;
    }
    return () -> {
      try (Tracer.SpanInScope unused = tracer.withSpan(span)) {
        work.run();
      }
    };
  }

  private Map<String, String> headers(TraceContext context) {
    Map<String, String> headers = new HashMap<>();
    propagator.inject(context, headers, (carrier, name, value) -> headers.put(name, value));
    return headers;
  }

  private final class SpanPart implements TracedPart {
    private final Span span;

    SpanPart(Span span) {
      this.span = span;
    }

    @Override
    public void note(String name, String value) {
      span.tag(name, value);
    }

    @Override
    public void fail(Throwable failure) {
      span.error(failure);
    }

    @Override
    public Map<String, String> headers() {
      return MicrometerTraces.this.headers(span.context());
    }

    @Override
    public void close() {
      span.end();
    }
  }
}
