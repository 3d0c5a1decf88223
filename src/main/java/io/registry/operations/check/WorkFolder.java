package io.registry.operations.check;

import io.registry.operations.command.MisuseException;
import io.registry.operations.command.TemporaryFolder;
import io.registry.platform.json.JsonMisfitException;
import io.registry.platform.json.StrictJson;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The folder in which a check stores what does not fit in memory, and its progress. */
final class WorkFolder implements AutoCloseable {
  private static final String STATE = "state.json";

  private final Path folder;
  private final Optional<TemporaryFolder> temporary;
  private final FileChannel lock;
  private final StrictJson json = new StrictJson();

  private WorkFolder(Path folder, Optional<TemporaryFolder> temporary, FileChannel lock) {
    this.folder = folder;
    this.temporary = temporary;
    this.lock = lock;
  }

  /**
   * Opens a folder for one check at a time.
   *
   * @param wanted the folder; empty for a temporary one
   * @throws MisuseException when another check uses it
   */
  static WorkFolder open(Optional<Path> wanted) throws IOException {
    Optional<TemporaryFolder> temporary =
        wanted.isPresent()
            ? Optional.empty()
            : Optional.of(TemporaryFolder.create(StoreCheckCommand.NAME));
    Path folder = wanted.or(() -> temporary.map(TemporaryFolder::path)).orElseThrow();
    Files.createDirectories(folder);
    FileChannel channel =
        FileChannel.open(
            folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (!isLocked(channel)) {
      channel.close();
      throw new MisuseException("Another check uses " + folder);
    }
    return new WorkFolder(folder, temporary, channel);
  }

  /** Whether a folder, which need not exist, keeps the progress of an interrupted check. */
  static boolean isInterrupted(Path folder) {
    return Files.exists(folder.resolve(STATE));
  }

  private static boolean isLocked(FileChannel channel) throws IOException {
    try {
      @Nullable FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  /** Whether a later check can resume from this folder. */
  boolean isKept() {
    return temporary.isEmpty();
  }

  Path folder() {
    return folder;
  }

  /** The file of the sorted ids of all images. */
  Path ids() {
    return folder.resolve("images.ids");
  }

  /** The file of the properties of all images. */
  Path facts() {
    return folder.resolve("images.facts");
  }

  /** The file of the folders of all repositories, one per line. */
  Path repositories() {
    return folder.resolve("repositories.txt");
  }

  /** The file of the keys of all blobs, one per line. */
  Path blobs() {
    return folder.resolve("blobs.txt");
  }

  /** The file of the findings, one JSON object per line. */
  Path findings() {
    return folder.resolve("findings.jsonl");
  }

  private List<Path> files() {
    return List.of(
        folder.resolve(STATE),
        ids(),
        facts(),
        repositories(),
        blobs(),
        findings(),
        folder.resolve("lock"));
  }

  /**
   * Loads the progress of an interrupted check.
   *
   * @return empty when there is none
   * @throws MisuseException when the folder contains something else
   */
  Optional<CheckState> load() throws IOException {
    try {
      return Optional.of(json.read(Files.readAllBytes(folder.resolve(STATE)), CheckState.class));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (JsonMisfitException e) {
      throw new MisuseException(folder + " holds no check that could go on", e);
    }
  }

  /** Saves the progress atomically. */
  void save(CheckState state) throws IOException {
    Path next = folder.resolve("state.next");
    try (FileChannel channel =
        FileChannel.open(
            next,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(json.write(state)));
      channel.force(true);
    }
    Files.move(next, folder.resolve(STATE), StandardCopyOption.ATOMIC_MOVE);
  }

  /** Deletes the progress, because the check is complete. */
  void clear() throws IOException {
    // The progress is deleted first: without it the other files are ignored.
    for (Path file : files()) {
      Files.deleteIfExists(file);
    }
  }

  @Override
  public void close() throws IOException {
    lock.close();
    temporary.ifPresent(TemporaryFolder::close);
  }
}
