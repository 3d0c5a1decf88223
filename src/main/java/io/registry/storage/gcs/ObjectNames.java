package io.registry.storage.gcs;

import io.registry.storage.BlobKey;
import java.nio.charset.StandardCharsets;

/**
 * What the objects of the bucket are called.
 *
 * @param prefix the folder of the store, without slashes at its ends; may be empty
 */
record ObjectNames(String prefix) {
  private static final int MAX_BYTES = 1024;

  /** The name of the object that holds a blob. */
  String of(BlobKey key) {
    return prefix.isEmpty() ? key.path() : prefix + "/" + key.path();
  }

  /** What the names of all objects below a key begin with. */
  String below(BlobKey key) {
    return of(key) + "/";
  }

  /** What the names of all objects of the store begin with. */
  String root() {
    return prefix.isEmpty() ? "" : prefix + "/";
  }

  /** Whether there can be no such object, because the service refuses names of that length. */
  static boolean isTooLong(String name) {
    return name.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES;
  }
}
