package io.registry.auth;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What the audit tells.
 *
 * @param repeatAfter how long a success is not told again when all of it is the same: who, from
 *     where, and to what; 0 to tell each
 */
@ConfigurationProperties("registry.auth.audit")
public record AuditProperties(@DefaultValue("1h") Duration repeatAfter) {

  /**
   * Checks the time.
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
