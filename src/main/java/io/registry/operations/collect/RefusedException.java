package io.registry.operations.collect;

/** A collection that must not run, with the reason for the operator. */
final class RefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String reason;

  RefusedException(String reason) {
    super(reason);
    this.reason = reason;
  }

  /** Why, as a sentence. */
  String reason() {
    return reason;
  }
}
