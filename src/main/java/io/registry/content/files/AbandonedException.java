package io.registry.content.files;

/** Nobody wants any more what was being done: the process stops, or others do it. */
public final class AbandonedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The work ends. */
  public AbandonedException() {
    super("abandoned");
  }
}
