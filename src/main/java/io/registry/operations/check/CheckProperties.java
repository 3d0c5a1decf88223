package io.registry.operations.check;

import jakarta.validation.constraints.NotNull;
import java.nio.file.Path;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of the check in the background of the server.
 *
 * @param scrub whether the server checks its store in the background
 * @param interval how long after the end of a check the next one begins
 * @param rate how many bytes of the store the check reads in a second at most
 * @param directory the directory for its progress and its report, of up to 200 bytes for each image
 *     and blob
 */
@Validated
@ConfigurationProperties("registry.check")
public record CheckProperties(
    @DefaultValue("false") boolean scrub,
    @DefaultValue("7d") @NotNull Duration interval,
    @DefaultValue("20MB") @NotNull DataSize rate,
    @DefaultValue("./index/check") @NotNull Path directory) {
  /**
   * Validates the interval and the rate.
   *
   * @throws IllegalArgumentException when one is not positive
   */
  public CheckProperties {
    if (interval.isNegative() || interval.isZero()) {
      throw new IllegalArgumentException("registry.check.interval must be longer than 0");
    }
    if (rate.toBytes() <= 0) {
      throw new IllegalArgumentException("registry.check.rate must be larger than 0");
    }
  }
}
