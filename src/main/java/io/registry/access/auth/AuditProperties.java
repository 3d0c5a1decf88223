package io.registry.access.auth;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the audit.
 *
 * @param repeatAfter how long an identical success (same actor, address and object) is not recorded
 *     again; 0 to record each
 * @param file file to which each event is appended as JSON, with a hash that continues the one of
 *     the line before; when empty, events are in the log only
 */
@ConfigurationProperties("registry.auth.audit")
public record AuditProperties(
    @DefaultValue("1h") Duration repeatAfter, @DefaultValue("") String file) {

  /**
   * Validates the duration.
   *
   * @throws IllegalArgumentException when it is negative
   */
  public AuditProperties {
    if (repeatAfter.isNegative()) {
      throw new IllegalArgumentException(
          "registry.auth.audit.repeat-after must not be negative, as is " + repeatAfter);
    }
  }
}
