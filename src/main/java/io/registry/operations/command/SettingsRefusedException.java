package io.registry.operations.command;

/** Nothing can be opened with these settings. The reason has been logged. */
public final class SettingsRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  SettingsRefusedException(String problem, Throwable cause) {
    super(problem, cause);
  }
}
