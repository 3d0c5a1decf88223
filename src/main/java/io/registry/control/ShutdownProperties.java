package io.registry.control;

import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of the shutdown.
 *
 * @param delay how long the registry serves requests after it reports that it is not ready any
 *     more, so that load balancers notice
 * @param stopOnQuit whether the signal QUIT stops the registry at once; otherwise the JVM prints a
 *     thread dump
 */
@Validated
@ConfigurationProperties("registry.shutdown")
public record ShutdownProperties(
    @DefaultValue("0s") @NotNull Duration delay, @DefaultValue("false") boolean stopOnQuit) {
  private static final Duration MAX_DELAY = Duration.ofHours(1);

  /**
   * Validates the duration.
   *
   * @throws IllegalArgumentException when it is out of range
   */
  public ShutdownProperties {
    if (delay.isNegative() || delay.compareTo(MAX_DELAY) > 0) {
      throw new IllegalArgumentException(
          "registry.shutdown.delay must be at least 0 and at most 1h, not " + delay);
    }
  }
}
