package io.registry.operations.health;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Map;
import org.springframework.boot.actuate.info.Info;
import org.springframework.boot.actuate.info.InfoContributor;

/**
 * Identifies the running registry: at {@code /actuator/info}, and as the labels of the gauge {@code
 * registry.info}, which is always 1. Contains no addresses and no secrets.
 *
 * @param version the version
 * @param commit the commit that it was built from, {@code unknown} when that is not known
 * @param storage the storage driver: {@code local}, {@code s3}, {@code gcs}
 * @param index the index mode: {@code standalone}, {@code remote}, {@code embedded}
 */
public record RegistryInfo(String version, String commit, String storage, String index)
    implements InfoContributor, MeterBinder {
  /** The text for unknown values. */
  public static final String UNKNOWN = "unknown";

  @Override
  public void contribute(Info.Builder builder) {
    builder.withDetail("registry", Map.of("storage", storage, "index", index));
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    Gauge.builder("registry.info", () -> 1)
        .tags("version", version, "commit", commit, "storage", storage, "index", index)
        .register(registry);
  }
}
