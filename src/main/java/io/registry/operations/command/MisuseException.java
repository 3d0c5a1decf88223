package io.registry.operations.command;

/** The command line makes no sense. The message says why. */
public final class MisuseException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public MisuseException(String problem) {
    super(problem);
  }

  public MisuseException(String problem, Throwable cause) {
    super(problem, cause);
  }
}
