package io.registry.storage;

/** The store failed. The message names the driver, the operation, the key and the cause. */
public class StorageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Why the store failed. */
  public enum Reason {
    /** No space left, or a quota is used up. */
    FULL,
    /** The store denies access to this process, or refuses all writes. */
    DENIED,
    /** The registry is read-only. */
    READ_ONLY,
    /** The store does not answer, or is overloaded. */
    UNAVAILABLE,
    /** Any other failure, for example a broken disk. */
    BROKEN
  }

  private final Reason reason;

  /**
   * Creates the exception.
   *
   * @param reason why
   * @param driver the driver that failed, for example {@code local}
   * @param operation the operation, for example {@code write}
   * @param key the blob or prefix
   * @param cause what the operating system or the client library reported
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
