package io.registry.operations.check;

/** The command line of the check is invalid. The message says why. */
final class CheckMisuseException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CheckMisuseException(String problem) {
    super(problem);
  }
}
