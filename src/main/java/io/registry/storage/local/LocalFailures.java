package io.registry.storage.local;

import io.registry.storage.BlobKey;
import io.registry.storage.StorageException;
import io.registry.storage.StorageException.Reason;
import io.registry.storage.SystemErrors;
import java.io.IOException;

/** What an error of the file system means for the caller of the store. */
final class LocalFailures {
  static final String DRIVER = "local";

  private LocalFailures() {}

  /** What the store throws for an error of the file system. */
  static StorageException failure(String operation, BlobKey key, IOException cause) {
    return new StorageException(reason(cause), DRIVER, operation, key, cause);
  }

  private static Reason reason(IOException e) {
    if (SystemErrors.isDenied(e)) {
      return Reason.DENIED;
    }
    return SystemErrors.isFull(e) ? Reason.FULL : Reason.BROKEN;
  }
}
