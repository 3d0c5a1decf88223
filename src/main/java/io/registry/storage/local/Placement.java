package io.registry.storage.local;

import io.registry.storage.BlobKey;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/**
 * Puts complete files and folders in their place, in one step, so that no reader sees a part of
 * them. A file that replaces another one, or must not, is durable when the method returns.
 */
final class Placement {
  /** A delete may remove an empty folder between its creation and the rename into it. */
  private static final int RENAME_ATTEMPTS = 1000;

  private final StoreFolders folders;
  private final ExecutorService flushes;

  /**
   * A placement.
   *
   * @param folders the folders of the store
   * @param flushes flushes files
   */
  Placement(StoreFolders folders, ExecutorService flushes) {
    this.folders = folders;
    this.flushes = flushes;
  }

  /** Moves a complete temporary file into place, durably. */
  boolean publish(Path temporary, BlobKey key) throws IOException {
    return put(temporary, key, Placement::replace);
  }

  /**
   * Links the temporary file to the blob's name, unless there is a blob already; then returns
   * false.
   */
  boolean publishIfAbsent(Path temporary, BlobKey key) throws IOException {
    return put(temporary, key, this::linkOrMove);
  }

  /** A step that makes a complete file visible under its name; false when it did not. */
  private interface Step {
    boolean run(Path from, Path to) throws IOException;
  }

  private static boolean replace(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    return true;
  }

  // The JDK has no exception class for a folder that is not empty, so the folder is checked.
  private static boolean moveOntoNothing(Path from, Path to) throws IOException {
    try {
      return replace(from, to);
    } catch (FileSystemException e) {
      if (hasEntries(to)) {
        return false;
      }
      throw e;
    }
  }

  private static boolean hasEntries(Path folder) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      return entries.iterator().hasNext();
    } catch (NoSuchFileException | NotDirectoryException e) {
      return false;
    }
  }

  private boolean linkOrMove(Path from, Path to) throws IOException {
    Optional<Boolean> linked = linkIfPossible(from, to);
    return linked.isPresent() ? linked.get() : moveUnlessThere(from, to);
  }

  // Whether there was no file of that name. Empty where links are not possible: file systems report
  // that in many ways, and the JDK has no exception class for any of them.
  private static Optional<Boolean> linkIfPossible(Path from, Path to) throws IOException {
    try {
      Files.createLink(to, from);
      return Optional.of(true);
    } catch (FileAlreadyExistsException e) {
      if (Files.isDirectory(to)) {
        throw e;
      }
      return Optional.of(false);
    } catch (NoSuchFileException e) {
      throw e;
    } catch (FileSystemException | UnsupportedOperationException e) {
      return Optional.empty();
    }
  }

  // For file systems without hard links: it excludes only other writers of this process.
  private synchronized boolean moveUnlessThere(Path from, Path to) throws IOException {
    if (Files.exists(to)) {
      return false;
    }
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    return true;
  }

  private boolean put(Path temporary, BlobKey key, Step step) throws IOException {
    Path target = folders.file(key);
    folders.requireInside(StoreFolders.parent(target));
    boolean published = place(temporary, target, step);
    folders.flush(StoreFolders.parent(target));
    folders.keepEntries(StoreFolders.parent(target));
    return published;
  }

  private boolean place(Path from, Path to, Step step) throws IOException {
    for (int attempt = 1; ; attempt++) {
      folders.create(StoreFolders.parent(to));
      try {
        return step.run(from, to);
      } catch (NoSuchFileException e) {
        if (attempt == RENAME_ATTEMPTS || !Files.exists(from)) {
          throw e;
        }
      }
    }
  }

  /** Moves a complete temporary file into place, where it may be lost with the power. */
  boolean publishUnsynced(Path temporary, BlobKey key) throws IOException {
    Path target = folders.file(key);
    folders.requireInside(StoreFolders.parent(target));
    return place(temporary, target, Placement::replace);
  }

  /**
   * Flushes a folder and its files, and moves it to a place where nothing is. Its new name is not
   * durable yet.
   *
   * @return whether it was moved; false when it is empty, or the place is taken
   */
  boolean moveFolder(Path source, Path target) throws IOException {
    folders.requireInside(source);
    folders.requireInside(StoreFolders.parent(target));
    if (!flushFiles(source)) {
      return false;
    }
    folders.flush(source);
    return place(source, target, Placement::moveOntoNothing);
  }

  /**
   * Gives a file a second name, durably.
   *
   * @return false where the file system has no such links, or there is such a blob
   */
  boolean link(Path source, BlobKey to) throws IOException {
    flushFile(source);
    return put(source, to, (file, name) -> linkIfPossible(file, name).isPresent());
  }

  // Flushes all files concurrently, which lets the file system write them together. Returns whether
  // there are any.
  private boolean flushFiles(Path folder) throws IOException {
    List<Future<?>> all = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        all.add(
            flushes.submit(
                () -> {
                  flushFile(file);
                  return true;
                }));
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    for (Future<?> flush : all) {
      EarlyFlush.await(flush);
    }
    return !all.isEmpty();
  }

  private static void flushFile(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
