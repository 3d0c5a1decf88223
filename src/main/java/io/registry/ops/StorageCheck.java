package io.registry.ops;

import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;

/**
 * Writes, reads and removes a small blob at the root of the store, as the original did; of one that
 * is read-only, looks whether it answers.
 */
public final class StorageCheck implements ServiceCheck {
  private final BlobStorage storage;

  /**
   * A check.
   *
   * @param storage what is tried out
   */
  public StorageCheck(BlobStorage storage) {
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
      throw new IllegalStateException("what was written could not be read back");
    }
  }
}
