package io.registry.contents;

/**
 * The work was cancelled: its result is not needed any more, the process stops, or another replica
 * has taken over.
 */
final class AbandonedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  AbandonedException() {
    super("abandoned");
  }
}
