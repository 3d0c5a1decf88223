package io.registry.ops;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Map;
import org.springframework.boot.actuate.info.Info;
import org.springframework.boot.actuate.info.InfoContributor;

/**
 * Which registry it is: for people at {@code /actuator/info}, and for dashboards as the labels of
 * {@code registry.info}, which is always 1. Names no place and no secret.
 *
 * @param version the version
 * @param commit the commit that it was built from, {@code unknown} when that is not known
 * @param storage what kind of store it has: {@code local}, {@code s3}, {@code gcs}
 * @param index who decides: {@code standalone}, {@code remote}, {@code embedded}
 */
public record RegistryInfo(String version, String commit, String storage, String index)
    implements InfoContributor, MeterBinder {
  /** What is not known. */
  public static final String UNKNOWN = "unknown";

  @Override
  public void contribute(Info.Builder builder) {
    Info.Builder unused =
        builder.withDetail("registry", Map.of("storage", storage, "index", index));
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    Gauge.builder("registry.info", () -> 1)
        .tags("version", version, "commit", commit, "storage", storage, "index", index)
        .register(registry);
  }
}
