package io.registry.features.search;

import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of the search for repositories.
 *
 * @param enabled whether repositories can be searched, which requires a database
 * @param scanLease how long a dead process that was scanning the store for the index keeps others
 *     from scanning, 1 second to 1 hour
 */
@ConfigurationProperties("registry.search")
@Validated
public record SearchProperties(
    @DefaultValue("false") boolean enabled, @DefaultValue("30s") @NotNull Duration scanLease) {
  private static final Duration SHORTEST_LEASE = Duration.ofSeconds(1);
  private static final Duration LONGEST_LEASE = Duration.ofHours(1);

  /**
   * Validates the duration.
   *
   * @throws IllegalArgumentException when it is out of range
   */
  public SearchProperties {
    if (scanLease.compareTo(SHORTEST_LEASE) < 0 || scanLease.compareTo(LONGEST_LEASE) > 0) {
      throw new IllegalArgumentException("scan-lease has to be 1s to 1h");
    }
  }
}
