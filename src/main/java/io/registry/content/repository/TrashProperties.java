package io.registry.content.repository;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the trash.
 *
 * @param keep how long what was removed, and what a tag named before it was moved, can be restored;
 *     0 for not at all
 */
@ConfigurationProperties("registry.trash")
public record TrashProperties(@DefaultValue("7d") Duration keep) {
  /** Nothing is kept. */
  public static final TrashProperties OFF = new TrashProperties(Duration.ZERO);

  /** Validates the settings. */
  public TrashProperties {
    if (keep.isNegative()) {
      throw new IllegalArgumentException("registry.trash.keep must not be negative: " + keep);
    }
  }
}
