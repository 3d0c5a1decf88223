package io.registry.storage;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of the store that all drivers share.
 *
 * @param redirect whether clients are redirected to the object store for layers, instead of getting
 *     them through the registry
 * @param redirectLifetime how long such a link is valid
 * @param parallelReads up to how many small files are read concurrently for lists of tags
 */
@Validated
@ConfigurationProperties("registry.storage")
public record StorageProperties(
    @DefaultValue("false") boolean redirect,
    @DefaultValue("20m") Duration redirectLifetime,
    @DefaultValue("64") @Min(1) @Max(1024) int parallelReads) {
  private static final Duration MAX_LIFETIME = Duration.ofDays(7);

  /**
   * Validates the lifetime.
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
