package io.registry.repository;

import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.KeyLocks;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds the folders of repositories, and orders the changes to each. */
final class StoredRepositories {
  private final BlobStorage storage;
  private final KeyLocks locks = new KeyLocks();

  StoredRepositories(BlobStorage storage) {
    this.storage = storage;
  }

  /** Where a repository lies, or will lie when there is none yet. */
  RepositoryKeys locate(RepositoryName repository) {
    RepositoryKeys keys = RepositoryKeys.of(repository);
    RepositoryKeys old = RepositoryKeys.old(repository);
    return !keys.equals(old) && !exists(keys) && exists(old) ? old : keys;
  }

  boolean exists(RepositoryKeys keys) {
    try (Stream<String> names = storage.names(keys.folder())) {
      return names.findAny().isPresent();
    }
  }

  KeyLocks.Held lock(RepositoryName repository) {
    return locks.lock(RepositoryKeys.of(repository).folder());
  }

  /** Removes all that lies in a folder, tags first: a crash leaves no tag without its list. */
  boolean removeAll(BlobKey folder) {
    Map<Boolean, List<BlobKey>> keys;
    try (Stream<String> names = storage.names(folder)) {
      keys =
          names.collect(
              Collectors.partitioningBy(
                  name -> name.startsWith("tag_"),
                  Collectors.mapping(folder::child, Collectors.toList())));
    }
    List<BlobKey> tags = keys.getOrDefault(true, List.of());
    List<BlobKey> others = keys.getOrDefault(false, List.of());
    storage.deleteAll(tags);
    storage.deleteAll(others);
    return !tags.isEmpty() || !others.isEmpty();
  }
}
