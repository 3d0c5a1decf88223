package io.registry.operations.migration;

import java.io.Serial;

/** The original's configuration cannot be read. The message tells the operator why. */
final class ConfigurationException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  ConfigurationException(String text) {
    super(text);
  }

  ConfigurationException(String text, Throwable cause) {
    super(text, cause);
  }
}
