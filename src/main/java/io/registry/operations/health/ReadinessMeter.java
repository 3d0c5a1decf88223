package io.registry.operations.health;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Clock;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.health.actuate.endpoint.HealthDescriptor;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.health.contributor.Status;

/** The gauge of the registry's readiness: see docs/observe.md. */
final class ReadinessMeter implements MeterBinder {
  private static final String GROUP = "readiness";

  private final ObjectProvider<HealthEndpoint> health;
  private final CachedProbe looks;

  /**
   * Creates the meter.
   *
   * @param health the health endpoint, queried when the gauge is read
   * @param clock the time
   */
  ReadinessMeter(ObjectProvider<HealthEndpoint> health, Clock clock) {
    this.health = health;
    this.looks = new CachedProbe(this::isReady, clock);
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    Gauge.builder("registry.ready", () -> looks.seen().failures() == 0 ? 1 : 0).register(registry);
  }

  private boolean isReady() {
    HealthDescriptor readiness = health.getObject().healthForPath(GROUP);
    return readiness != null
        && (readiness.getStatus().equals(Status.UP)
            || readiness.getStatus().equals(RedisHealth.DEGRADED));
  }
}
