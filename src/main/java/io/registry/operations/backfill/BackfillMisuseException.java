package io.registry.operations.backfill;

/** The command line of the backfill makes no sense: says why. */
final class BackfillMisuseException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BackfillMisuseException(String problem) {
    super(problem);
  }
}
