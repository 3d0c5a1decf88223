package io.registry.storage;

/** The blob exists, but ends before the range begins. */
public class UnsatisfiableRangeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final long size;

  /**
   * Creates the exception.
   *
   * @param size the size of the blob in bytes
   */
  public UnsatisfiableRangeException(long size) {
    super("the range begins after the end of a blob of " + size + " bytes");
    this.size = size;
  }

  /** The size of the blob in bytes. */
  public long size() {
    return size;
  }
}
