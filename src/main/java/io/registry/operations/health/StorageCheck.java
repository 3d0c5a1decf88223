package io.registry.operations.health;

import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;

/**
 * Checks the store by writing, reading and deleting a small blob at its root, like the original; a
 * read-only store is only probed.
 */
final class StorageCheck implements ServiceCheck {
  private final BlobStorage storage;

  /**
   * Creates a check.
   *
   * @param storage the store
   */
  StorageCheck(BlobStorage storage) {
    this.storage = storage;
  }

  @Override
  public String name() {
    return "storage";
  }

  @Override
  public void run() {
    if (storage.isReadOnly()) {
      storage.probe();
    } else {
      tryOut();
    }
  }

  private void tryOut() {
    byte[] content = UUID.randomUUID().toString().getBytes(StandardCharsets.UTF_8);
    BlobKey key = BlobKey.of("_status_" + UUID.randomUUID());
    storage.write(key, content);
    Optional<byte[]> read = storage.read(key, content.length);
    storage.delete(key);
    if (read.filter(bytes -> Arrays.equals(bytes, content)).isEmpty()) {
      throw new LostWriteException();
    }
  }

  /** The store accepted bytes that it did not return. */
  static final class LostWriteException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    LostWriteException() {
      super("what was written could not be read back");
    }
  }
}
