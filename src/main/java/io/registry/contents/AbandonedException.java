package io.registry.contents;

/** Nobody wants any more what was being done: the process stops, or others do it. */
final class AbandonedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  AbandonedException() {
    super("abandoned");
  }
}
