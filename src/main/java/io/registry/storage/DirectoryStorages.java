package io.registry.storage;

import java.nio.file.Path;

/** Opens directories as stores of their own, beside the store that the profile chooses. */
@FunctionalInterface
public interface DirectoryStorages {

  /**
   * Opens a directory.
   *
   * @param directory made by the first write
   * @return the store, which is closed when the server stops
   */
  BlobStorage open(Path directory);
}
