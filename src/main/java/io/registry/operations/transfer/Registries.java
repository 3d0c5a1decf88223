package io.registry.operations.transfer;

import java.util.List;
import org.springframework.context.ConfigurableApplicationContext;

/** Opens the configured registry with all its parts, and without serving it. */
@FunctionalInterface
public interface Registries {

  /**
   * Opens a registry.
   *
   * @param settings settings of the registry, as options
   * @return the registry, which the caller closes
   * @throws RuntimeException when the settings make no sense; why was logged
   */
  ConfigurableApplicationContext open(List<String> settings);
}
