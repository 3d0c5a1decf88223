package io.registry.storage;

/** The store could not do what it was asked: says who, what, where and why. */
public class StorageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Why the store failed. */
  public enum Reason {
    /** No space left, or a quota is used up. */
    FULL,
    /** The store refuses this process, or writes altogether. */
    DENIED,
    /** This registry may only read. */
    READ_ONLY,
    /** The store does not answer, or has no time for it now. */
    UNAVAILABLE,
    /** Anything else, a broken disk for one. */
    BROKEN
  }

  private final Reason reason;

  /**
   * A failure of the store.
   *
   * @param reason why
   * @param driver the driver that failed, for example {@code local}
   * @param operation what it was doing, for example {@code write}
   * @param key the blob or prefix that it was working on
   * @param cause what the operating system or the client library said
   */
  public StorageException(
      Reason reason, String driver, String operation, BlobKey key, Throwable cause) {
    super(driver + " storage failed to " + operation + " " + key + ": " + cause, cause);
    this.reason = reason;
  }

  /** Why the store failed. */
  public Reason reason() {
    return reason;
  }
}
