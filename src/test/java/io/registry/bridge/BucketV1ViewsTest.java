package io.registry.bridge;

import io.registry.testkit.InMemoryBlobStorage;

/** In a store that can neither link nor move folders. */
class BucketV1ViewsTest extends V1ViewsContract {
  BucketV1ViewsTest() {
    super(new Opened(new InMemoryBlobStorage(), () -> {}));
  }

  @Override
  String shared() {
    return "_layer";
  }
}
