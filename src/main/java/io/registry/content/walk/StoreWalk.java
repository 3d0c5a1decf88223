package io.registry.content.walk;

import io.registry.content.image.ImageId;
import io.registry.storage.BlobKey;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Takes visitors through a whole store. First the names of the items are written to a file, so that
 * the memory does not grow with the store, and a walk that was interrupted can go on from a
 * position. Then the visitor sees each item; several threads may look at items at the same time.
 * The progress is the position. {@link PacedStorage} makes a walk slow.
 */
public final class StoreWalk {
  /** The files of a repository that has more are looked at by many threads. */
  private static final int LARGE = 1000;

  /** How many ids are in memory while they are sorted; they take about 5 MB. */
  private static final int IDS_IN_MEMORY = 50_000;

  private final OrderedWork work;
  private final Progress progress;

  /**
   * Creates a walk.
   *
   * @param work looks at the items
   * @param progress is told the position
   */
  public StoreWalk(OrderedWork work, Progress progress) {
    this.work = work;
    this.progress = progress;
  }

  /**
   * What is done with each item.
   *
   * @param look looks at an item, in one of many threads
   * @param note receives the results in the order of the items, in the thread of the walk
   * @param done receives the new position, in the thread of the walk: all items before it have been
   *     noted
   * @param <I> an item
   * @param <R> what is found at one
   */
  public record Visitor<I, R>(Function<I, R> look, Consumer<R> note, LongConsumer done) {
    /** A visitor that does not save the position. */
    public Visitor(Function<I, R> look, Consumer<R> note) {
      this(look, note, position -> {});
    }
  }

  /** An empty sort for ids of images. */
  public static IdSort sort(Path folder) {
    return new IdSort(folder, IDS_IN_MEMORY);
  }

  /**
   * Writes the ids of images to a file that {@link IdTable} opens, in their order, each once.
   *
   * @param what names the ids in the progress
   * @param ids the ids; closed when this returns
   * @param folder the folder for temporary files
   * @param list the file
   * @throws IOException when the disk fails
   */
  public void listIds(String what, Stream<ImageId> ids, Path folder, Path list) throws IOException {
    IdSort sort = sort(folder);
    listAll(what, ids, sort::add);
    sort.writeTo(list);
  }

  /**
   * Writes keys to a file, one per line, while they are found.
   *
   * @param what names the keys in the progress
   * @param keys the keys; closed when this returns
   * @param list the file
   * @return how many there are
   * @throws IOException when the disk fails
   */
  public long listKeys(String what, Stream<BlobKey> keys, Path list) throws IOException {
    try (BufferedWriter lines = Files.newBufferedWriter(list)) {
      return listAll(what, keys, key -> lines.append(key.path()).append('\n'));
    }
  }

  /** Receives the names that are listed. */
  @FunctionalInterface
  private interface Listed<T> {
    void add(T name) throws IOException;
  }

  private <T> long listAll(String what, Stream<T> names, Listed<T> listed) throws IOException {
    progress.begin(what, 0);
    long[] count = {0};
    try (names) {
      // An iterator would hold all names of a folder.
      names.forEach(
          name -> {
            try {
              listed.add(name);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
            progress.done(++count[0]);
          });
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return count[0];
  }

  /**
   * Visits items that are in no file.
   *
   * @param what names the items in the progress
   * @param items the items
   * @param visitor does the work
   */
  public <I, R> void visitAll(String what, Iterator<I> items, Visitor<I, R> visitor) {
    progress.begin(what, 0);
    visit(items, 0, visitor);
  }

  /**
   * Visits images by their numbers in a table. The position is the next number.
   *
   * @param what names the images in the progress
   * @param size the size of the table
   * @param numbers the numbers to visit, in ascending order
   * @param visitor does the work
   */
  public <R> void visitNumbers(
      String what, int size, IntStream numbers, Visitor<Integer, R> visitor) {
    progress.begin(what, size);
    work.run(
        numbers.iterator(),
        number -> new Numbered<>(number, visitor.look().apply(number)),
        seen -> {
          visitor.note().accept(seen.found());
          reach(seen.number() + 1L, visitor);
        });
  }

  /** What was found at the image with a number. */
  private record Numbered<R>(int number, R found) {}

  /**
   * Visits the keys of a list.
   *
   * @param what names the keys in the progress
   * @param size how many keys there are; 0 when that is not known
   * @param list the file of {@link #listKeys}
   * @param from the position at which the walk begins
   * @param visitor does the work
   * @throws IOException when the list cannot be read
   */
  public <R> void visitKeys(
      String what, long size, Path list, long from, Visitor<BlobKey, R> visitor)
      throws IOException {
    progress.begin(what, size);
    try (BufferedReader lines = Files.newBufferedReader(list)) {
      visit(lines.lines().skip(from).map(BlobKey::new).iterator(), from, visitor);
    }
  }

  private <I, R> void visit(Iterator<I> items, long from, Visitor<I, R> visitor) {
    long[] position = {from};
    work.run(
        items,
        visitor.look(),
        seen -> {
          visitor.note().accept(seen);
          reach(++position[0], visitor);
        });
  }

  private void reach(long position, Visitor<?, ?> visitor) {
    progress.done(position);
    visitor.done().accept(position);
  }

  /**
   * Visits the files of many folders. The position counts folders.
   *
   * @param what names the folders in the progress
   * @param size how many folders there are; 0 when that is not known
   * @param folders the file of {@link #listKeys} with the folders
   * @param from the position at which the walk begins
   * @param files names the files of a folder; the walk closes the stream
   * @param visitor does the work for each file
   * @throws IOException when the list cannot be read
   */
  public <R> void visitFiles(
      String what,
      long size,
      Path folders,
      long from,
      Function<BlobKey, Stream<BlobKey>> files,
      Visitor<BlobKey, R> visitor)
      throws IOException {
    visitKeys(
        what,
        size,
        folders,
        from,
        new Visitor<BlobKey, Seen<R>>(
            folder -> look(folder, files, visitor.look()),
            seen ->
                seen.found()
                    .ifPresentOrElse(
                        found -> found.forEach(visitor.note()),
                        () -> lookAtMany(seen.folder(), files, visitor)),
            visitor.done()));
  }

  /** What was found in the files of one folder; empty when there are many files. */
  private record Seen<R>(BlobKey folder, Optional<List<R>> found) {}

  private static <R> Seen<R> look(
      BlobKey folder, Function<BlobKey, Stream<BlobKey>> files, Function<BlobKey, R> look) {
    List<BlobKey> keys;
    try (Stream<BlobKey> found = files.apply(folder)) {
      keys = found.limit(LARGE + 1L).toList();
    }
    return keys.size() > LARGE
        ? new Seen<>(folder, Optional.empty())
        : new Seen<>(folder, Optional.of(keys.stream().map(look).toList()));
  }

  private <R> void lookAtMany(
      BlobKey folder, Function<BlobKey, Stream<BlobKey>> files, Visitor<BlobKey, R> visitor) {
    try (Stream<BlobKey> found = files.apply(folder)) {
      work.run(found.iterator(), visitor.look(), visitor.note());
    }
  }
}
