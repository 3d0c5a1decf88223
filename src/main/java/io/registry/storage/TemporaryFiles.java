package io.registry.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Temporary files of this process. Each process has a folder of its own and holds a lock on it
 * while it lives; the folder of a dead process is thereby recognized and deleted.
 */
public final class TemporaryFiles implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(TemporaryFiles.class);
  private static final String LOCK = "lock";

  private final Path parent;
  private final AtomicLong names = new AtomicLong();
  private @Nullable Claim claim;

  /**
   * Creates the temporary files of this process.
   *
   * @param parent the parent of the folders of all processes; created at the first write
   */
  public TemporaryFiles(Path parent) {
    this.parent = parent;
  }

  /**
   * A path for a new temporary file.
   *
   * @throws IOException when the folder cannot be created
   */
  public Path create() throws IOException {
    return folder().resolve(Long.toString(names.incrementAndGet()));
  }

  // Created at the first write only, so that a store that is mounted read-only can be served.
  private synchronized Path folder() throws IOException {
    Claim current = claim;
    if (current == null || !Files.isDirectory(current.folder())) {
      if (current != null) {
        current.channel().close();
      }
      current = claim(parent.resolve(UUID.randomUUID().toString()));
      claim = current;
    }
    return current.folder();
  }

  private static Claim claim(Path folder) throws IOException {
    Files.createDirectories(folder);
    FileChannel channel =
        FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (lock(channel).isEmpty()) {
      channel.close();
      throw new IOException("Could not lock " + folder.resolve(LOCK));
    }
    return new Claim(folder, channel);
  }

  /** Deletes the folders of processes that have ended. */
  public void sweep() {
    if (!Files.isDirectory(parent)) {
      return;
    }
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(parent)) {
      for (Path folder : folders) {
        if (Files.isDirectory(folder)) {
          sweep(folder);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      log.warn("Could not sweep leftovers in {}: {}", parent, e.toString());
    }
  }

  private static void sweep(Path folder) {
    try (FileChannel channel =
        FileChannel.open(
            folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      if (lock(channel).isEmpty()) {
        return;
      }
      int removed = remove(folder);
      log.info("Removed {} unfinished files that a stopped registry left in {}", removed, folder);
    } catch (IOException | DirectoryIteratorException e) {
      log.warn("Could not sweep leftovers in {}: {}", folder, e.toString());
    }
  }

  private static int remove(Path folder) throws IOException {
    int removed = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        Files.deleteIfExists(file);
        removed++;
      }
    }
    Files.deleteIfExists(folder);
    return removed - 1;
  }

  private static Optional<FileLock> lock(FileChannel channel) throws IOException {
    try {
      return Optional.ofNullable(channel.tryLock());
    } catch (OverlappingFileLockException e) {
      return Optional.empty();
    }
  }

  /** Deletes the folder with its content. */
  @Override
  public synchronized void close() {
    Claim current = claim;
    if (current == null) {
      return;
    }
    claim = null;
    try (FileChannel channel = current.channel()) {
      remove(current.folder());
      Files.deleteIfExists(parent);
    } catch (IOException e) {
      log.debug("Left {} to the next start: {}", current.folder(), e.toString());
    }
  }

  private record Claim(Path folder, FileChannel channel) {}
}
