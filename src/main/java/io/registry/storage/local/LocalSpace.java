package io.registry.storage.local;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.io.File;
import java.nio.file.Path;
import java.util.function.ToLongFunction;

/**
 * The gauges of the disk that holds the store: see docs/observe.md. The JDK does not say how many
 * files there is room for; the readiness sees when there is room for none.
 */
final class LocalSpace implements MeterBinder {
  private final Path root;

  /**
   * Creates the meters.
   *
   * @param root the directory of the store, which need not exist yet
   */
  LocalSpace(Path root) {
    this.root = root.toAbsolutePath().normalize();
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    gauge(registry, "registry.storage.free", File::getUsableSpace);
    gauge(registry, "registry.storage.size", File::getTotalSpace);
  }

  private void gauge(MeterRegistry registry, String name, ToLongFunction<File> bytes) {
    Gauge.builder(name, () -> bytes.applyAsLong(StoreFolders.nearest(root).toFile()))
        .baseUnit("bytes")
        .register(registry);
  }
}
