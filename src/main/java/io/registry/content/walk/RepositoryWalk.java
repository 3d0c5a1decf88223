package io.registry.content.walk;

import io.registry.content.repository.RepositoryInspection;
import io.registry.storage.BlobKey;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.stream.Stream;

/** Looks at each file of each repository, many at the same time. */
public final class RepositoryWalk {
  /** The files of a repository that has more are looked at by many threads. */
  private static final int LARGE = 1000;

  private final RepositoryInspection repositories;
  private final Function<BlobKey, Stream<BlobKey>> files;

  /**
   * A walk through the tags and lists of repositories.
   *
   * @param repositories names the folders and files
   */
  public RepositoryWalk(RepositoryInspection repositories) {
    this(repositories, repositories::files);
  }

  /**
   * A walk through some files of repositories.
   *
   * @param repositories names the folders
   * @param files names the files of a folder
   */
  public RepositoryWalk(
      RepositoryInspection repositories, Function<BlobKey, Stream<BlobKey>> files) {
    this.repositories = repositories;
    this.files = files;
  }

  /**
   * Writes down the folders of all repositories, one a line.
   *
   * @param list the file for them
   * @param progress is told how many there are so far
   * @return how many there are
   * @throws IOException when the disk fails
   */
  public long list(Path list, LongConsumer progress) throws IOException {
    return KeyList.write(list, repositories.folders(), progress);
  }

  /** What was found in one repository; nothing in one that is large. */
  private record Seen<R>(BlobKey folder, Optional<List<R>> files) {}

  /**
   * Looks at all files.
   *
   * @param work does it
   * @param list the folders, as {@link #list} has written them
   * @param from so many folders are left out
   * @param look is given each file in one of many threads
   * @param results gets what was found in each file, in this thread
   * @param folderDone is called after each folder, in this thread
   * @throws IOException when the list cannot be read
   */
  public <R> void run(
      OrderedWork work,
      Path list,
      long from,
      Function<BlobKey, R> look,
      Consumer<R> results,
      Runnable folderDone)
      throws IOException {
    try (BufferedReader lines = Files.newBufferedReader(list)) {
      work.run(
          lines.lines().skip(from).map(BlobKey::new).iterator(),
          folder -> look(folder, look),
          seen -> {
            seen.files()
                .ifPresentOrElse(
                    files -> files.forEach(results),
                    () -> lookAtMany(work, seen.folder(), look, results));
            folderDone.run();
          });
    }
  }

  private <R> Seen<R> look(BlobKey folder, Function<BlobKey, R> look) {
    List<BlobKey> keys;
    try (Stream<BlobKey> found = files.apply(folder)) {
      keys = found.limit(LARGE + 1L).toList();
    }
    return keys.size() > LARGE
        ? new Seen<>(folder, Optional.empty())
        : new Seen<>(folder, Optional.of(keys.stream().map(look).toList()));
  }

  private <R> void lookAtMany(
      OrderedWork work, BlobKey folder, Function<BlobKey, R> look, Consumer<R> results) {
    try (Stream<BlobKey> found = files.apply(folder)) {
      work.run(found.iterator(), look, results);
    }
  }
}
