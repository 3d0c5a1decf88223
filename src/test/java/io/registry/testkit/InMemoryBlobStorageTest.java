package io.registry.testkit;

import io.registry.storage.BlobStorage;
import io.registry.storage.BlobStorageContract;

class InMemoryBlobStorageTest extends BlobStorageContract {
  private final BlobStorage storage = new InMemoryBlobStorage();

  @Override
  protected BlobStorage storage() {
    return storage;
  }
}
