package io.registry.migration;

import java.io.Serial;

/** A configuration of the original that cannot be read, for the operator to read why. */
final class ConfigurationException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  ConfigurationException(String text) {
    super(text);
  }

  ConfigurationException(String text, Throwable cause) {
    super(text, cause);
  }
}
