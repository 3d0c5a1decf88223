package io.registry.operations.control;

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
 * @param pushes up to how long the registry then serves the clients whose push has begun, so that
 *     they can end it; 0 means not at all
 * @param stopOnQuit whether the signal QUIT stops the registry at once; otherwise the JVM prints a
 *     thread dump
 */
@Validated
@ConfigurationProperties("registry.shutdown")
public record ShutdownProperties(
    @DefaultValue("0s") @NotNull Duration delay,
    @DefaultValue("1m") @NotNull Duration pushes,
    @DefaultValue("false") boolean stopOnQuit) {
  private static final Duration MAX = Duration.ofHours(1);

  /**
   * Validates the durations.
   *
   * @throws IllegalArgumentException when one is out of range
   */
  public ShutdownProperties {
    check("delay", delay);
    check("pushes", pushes);
  }

  private static void check(String name, Duration value) {
    if (value.isNegative() || value.compareTo(MAX) > 0) {
      throw new IllegalArgumentException(
          "registry.shutdown." + name + " must be at least 0 and at most 1h, not " + value);
    }
  }
}
