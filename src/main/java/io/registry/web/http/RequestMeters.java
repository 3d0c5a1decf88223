package io.registry.web.http;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts and times requests: see docs/observe.md. The number of series is bounded by the routes,
 * methods and statuses, whatever clients send.
 */
final class RequestMeters {
  private static final Duration[] BUCKETS = {
    Duration.ofMillis(5),
    Duration.ofMillis(25),
    Duration.ofMillis(100),
    Duration.ofMillis(500),
    Duration.ofMillis(2_500),
    Duration.ofSeconds(10),
    Duration.ofSeconds(60)
  };

  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS");

  private final MeterRegistry registry;
  private final Set<String> blobRoutes;
  private final ConcurrentMap<Series, Timer> timers = new ConcurrentHashMap<>();
  private final LongAdder active = new LongAdder();
  private final Traffic layers;
  private final Traffic metadata;

  private record Series(String method, String route, int status) {}

  private record Traffic(Counter in, Counter out) {
    static Traffic of(MeterRegistry registry, String content) {
      return new Traffic(counter(registry, content, "in"), counter(registry, content, "out"));
    }

    private static Counter counter(MeterRegistry registry, String content, String direction) {
      return Counter.builder("registry.http.bytes")
          .baseUnit("bytes")
          .tags("direction", direction, "content", content)
          .register(registry);
    }

    void count(long received, long sent) {
      if (received > 0) {
        in.increment((double) received);
      }
      if (sent > 0) {
        out.increment((double) sent);
      }
    }
  }

  /**
   * Meters.
   *
   * @param registry where they are
   * @param blobRoutes the routes on which layers move
   */
  RequestMeters(MeterRegistry registry, Set<String> blobRoutes) {
    this.registry = registry;
    this.blobRoutes = blobRoutes;
    this.layers = Traffic.of(registry, "layer");
    this.metadata = Traffic.of(registry, "metadata");
    Gauge.builder("registry.http.active", active, LongAdder::sum).register(registry);
  }

  /** Counts a request that begins. */
  void begun() {
    active.increment();
  }

  /** Counts a request that ends. */
  void ended() {
    active.decrement();
  }

  /**
   * Records a request that was answered.
   *
   * @param method as the client sent it
   * @param route the template of its path, one of a fixed set
   * @param status of the answer
   * @param nanos the duration in nanoseconds
   */
  void answered(String method, String route, int status, long nanos) {
    String known = METHODS.contains(method) ? method : "other";
    timers
        .computeIfAbsent(new Series(known, route, status), this::timer)
        .record(nanos, TimeUnit.NANOSECONDS);
  }

  /** Counts bytes of request and response bodies of a route. */
  void moved(String route, long received, long sent) {
    (blobRoutes.contains(route) ? layers : metadata).count(received, sent);
  }

  private Timer timer(Series series) {
    return Timer.builder("registry.http.requests")
        .tags("method", series.method(), "route", series.route())
        .tag("status", String.valueOf(series.status()))
        .serviceLevelObjectives(BUCKETS)
        .register(registry);
  }
}
