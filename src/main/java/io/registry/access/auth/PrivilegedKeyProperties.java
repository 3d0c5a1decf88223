package io.registry.access.auth;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the privileged keys, whose owners may do everything (protocol 4.5).
 *
 * @param privilegedKeys PEM files, each with the public key of an owner that may do everything by
 *     signing requests
 * @param signatureWindow how far the date of a signed request may be from the clock of this server
 * @param requireSignedDate whether a signed request must carry its date, so that an eavesdropper
 *     cannot send it again; false for clients of the original, which send none
 */
@ConfigurationProperties("registry.auth")
public record PrivilegedKeyProperties(
    @DefaultValue List<Path> privilegedKeys,
    @DefaultValue("5m") Duration signatureWindow,
    @DefaultValue("true") boolean requireSignedDate) {
  private static final Duration MAX_WINDOW = Duration.ofDays(1);

  /**
   * Validates the window.
   *
   * @throws IllegalArgumentException when it is out of range
   */
  public PrivilegedKeyProperties {
    privilegedKeys = List.copyOf(privilegedKeys);
    if (signatureWindow.isNegative()
        || signatureWindow.isZero()
        || signatureWindow.compareTo(MAX_WINDOW) > 0) {
      throw new IllegalArgumentException(
          "registry.auth.signature-window must be positive and at most 1d, not " + signatureWindow);
    }
  }
}
