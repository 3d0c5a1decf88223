package io.registry.storage;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the store, whichever it is.
 *
 * @param redirect whether clients are sent to the object store for their layers, instead of getting
 *     them through the registry
 * @param redirectLifetime how long such a link is valid
 */
@ConfigurationProperties("registry.storage")
public record StorageProperties(
    @DefaultValue("false") boolean redirect, @DefaultValue("20m") Duration redirectLifetime) {
  private static final Duration MAX_LIFETIME = Duration.ofDays(7);

  /**
   * Checks the lifetime.
   *
   * @throws IllegalArgumentException when no store could sign a link for so long
   */
  public StorageProperties {
    if (redirectLifetime.compareTo(Duration.ofSeconds(1)) < 0
        || redirectLifetime.compareTo(MAX_LIFETIME) > 0) {
      throw new IllegalArgumentException(
          "registry.storage.redirect-lifetime must be at least 1s and at most 7d, not "
              + redirectLifetime);
    }
  }
}
