package io.registry.content.repository;

import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.KeyLocks;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds the folders of repositories in the store, and serializes the changes of each. */
final class StoredRepositories {
  private final BlobStorage storage;
  private final KeyLocks locks = new KeyLocks();

  StoredRepositories(BlobStorage storage) {
    this.storage = storage;
  }

  /** The keys of a repository's folder, or of its future folder when it does not exist. */
  RepositoryKeys locate(RepositoryName repository) {
    RepositoryKeys keys = RepositoryKeys.of(repository);
    RepositoryKeys old = RepositoryKeys.old(repository);
    return !keys.equals(old) && !exists(keys) && exists(old) ? old : keys;
  }

  private boolean exists(RepositoryKeys keys) {
    try (Stream<String> names = storage.names(keys.folder())) {
      return names.findAny().isPresent() || !generations(keys).isEmpty();
    }
  }

  /** The files of an image list, the newest one first. */
  List<Generation> generations(RepositoryKeys keys) {
    try (Stream<String> names = storage.names(keys.generations())) {
      return names
          .flatMap(name -> Generation.find(name).stream())
          .sorted(Generation.NEWEST_FIRST)
          .toList();
    }
  }

  KeyLocks.Held lock(RepositoryName repository) {
    return locks.lock(RepositoryKeys.of(repository).folder());
  }

  /**
   * The names of all files in the folders that a repository may have. The generations of the image
   * list come before the file for the original, which is removed last ({@link
   * ImageListFiles#remove}).
   */
  Map<BlobKey, List<String>> files(RepositoryName repository) {
    Map<BlobKey, List<String>> files = new LinkedHashMap<>();
    for (RepositoryKeys keys :
        List.of(RepositoryKeys.of(repository), RepositoryKeys.old(repository))) {
      files.computeIfAbsent(keys.generations(), this::names);
      files.computeIfAbsent(keys.folder(), this::names);
    }
    return files;
  }

  /**
   * All files that a repository has, by their paths relative to its folder: first what it contains
   * by digest, then its lists, and its tags last.
   *
   * @param files as {@link #files} has found them
   */
  List<Map.Entry<String, BlobKey>> relative(
      RepositoryName repository, Map<BlobKey, List<String>> files) {
    Map<String, BlobKey> found = new LinkedHashMap<>();
    Map<String, BlobKey> tags = new LinkedHashMap<>();
    for (RepositoryKeys keys :
        List.of(RepositoryKeys.of(repository), RepositoryKeys.old(repository))) {
      int from = keys.folder().path().length() + 1;
      addTree(keys.content(), from, found);
      for (BlobKey folder : List.of(keys.generations(), keys.folder())) {
        for (String name : files.getOrDefault(folder, List.of())) {
          BlobKey file = folder.child(name);
          String path = file.path().substring(from);
          (RepositoryKeys.tagOf(path).isPresent() ? tags : found).putIfAbsent(path, file);
        }
      }
    }
    found.putAll(tags);
    return List.copyOf(found.entrySet());
  }

  private void addTree(BlobKey folder, int from, Map<String, BlobKey> found) {
    List<String> folders;
    try (Stream<String> names = storage.folders(folder)) {
      folders = names.toList();
    }
    folders.forEach(name -> addTree(folder.child(name), from, found));
    names(folder).stream()
        .map(folder::child)
        .forEach(file -> found.putIfAbsent(file.path().substring(from), file));
  }

  private List<String> names(BlobKey folder) {
    try (Stream<String> names = storage.names(folder)) {
      return names.toList();
    }
  }

  /**
   * Removes what a repository contains by digest.
   *
   * @return whether there was something
   */
  boolean removeContent(RepositoryName repository) {
    return Stream.of(RepositoryKeys.of(repository), RepositoryKeys.old(repository))
            .distinct()
            .filter(keys -> removeTree(keys.content()))
            .count()
        > 0;
  }

  private boolean removeTree(BlobKey folder) {
    List<String> folders;
    try (Stream<String> names = storage.folders(folder)) {
      folders = names.toList();
    }
    folders.forEach(name -> removeTree(folder.child(name)));
    List<BlobKey> files = names(folder).stream().map(folder::child).toList();
    storage.deleteAll(files);
    return !folders.isEmpty() || !files.isEmpty();
  }

  /**
   * Removes files of a folder, tags first, so that a crash leaves no tag without the image list.
   */
  void removeAll(BlobKey folder, List<String> names) {
    Map<Boolean, List<BlobKey>> keys =
        names.stream()
            .collect(
                Collectors.partitioningBy(
                    name -> RepositoryKeys.tagOf(name).isPresent(),
                    Collectors.mapping(folder::child, Collectors.toList())));
    storage.deleteAll(keys.getOrDefault(true, List.of()));
    storage.deleteAll(keys.getOrDefault(false, List.of()));
  }
}
