package io.registry.operations.transfer;

/** Says that a command line makes no sense. */
final class TransferMisuseException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TransferMisuseException(String message) {
    super(message);
  }
}
