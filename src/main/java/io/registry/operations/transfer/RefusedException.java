package io.registry.operations.transfer;

/** Says that a target cannot have an image, and why. */
final class RefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  RefusedException(String message) {
    super(message);
  }
}
