package io.registry.check;

import io.registry.json.JsonMisfitException;
import io.registry.json.StrictJson;
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

/** The folder in which a check keeps what does not fit into memory, and how far it is. */
final class WorkFolder implements AutoCloseable {
  private static final String STATE = "state.json";

  private final Path folder;
  private final boolean temporary;
  private final FileChannel lock;
  private final StrictJson json = new StrictJson();

  private WorkFolder(Path folder, boolean temporary, FileChannel lock) {
    this.folder = folder;
    this.temporary = temporary;
    this.lock = lock;
  }

  /**
   * Opens a folder for one check at a time.
   *
   * @param wanted the folder; nothing for one that is removed in the end
   * @throws CheckMisuseException when another check uses it
   */
  static WorkFolder open(Optional<Path> wanted) throws IOException {
    Path folder = wanted.isPresent() ? wanted.get() : Files.createTempDirectory("registry-check-");
    Files.createDirectories(folder);
    FileChannel channel =
        FileChannel.open(
            folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (!isLocked(channel)) {
      channel.close();
      throw new CheckMisuseException("Another check uses " + folder);
    }
    WorkFolder work = new WorkFolder(folder, wanted.isEmpty(), channel);
    if (work.temporary) {
      // Also when the process is told to end.
      folder.toFile().deleteOnExit();
      work.files().forEach(file -> file.toFile().deleteOnExit());
    }
    return work;
  }

  private static boolean isLocked(FileChannel channel) throws IOException {
    try {
      @Nullable FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  /** Whether another check can go on from here. */
  boolean isKept() {
    return !temporary;
  }

  Path folder() {
    return folder;
  }

  /** The sorted ids of all images. */
  Path ids() {
    return folder.resolve("images.ids");
  }

  /** What is known of each image. */
  Path facts() {
    return folder.resolve("images.facts");
  }

  /** The folders of all repositories, one a line. */
  Path repositories() {
    return folder.resolve("repositories.txt");
  }

  /** What was found, one JSON object a line. */
  Path findings() {
    return folder.resolve("findings.jsonl");
  }

  private List<Path> files() {
    return List.of(
        folder.resolve(STATE), ids(), facts(), repositories(), findings(), folder.resolve("lock"));
  }

  /**
   * How far an earlier check has come.
   *
   * @return nothing when there was none
   * @throws CheckMisuseException when the folder holds something else
   */
  Optional<CheckState> load() throws IOException {
    try {
      return Optional.of(json.read(Files.readAllBytes(folder.resolve(STATE)), CheckState.class));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (JsonMisfitException e) {
      CheckMisuseException misuse =
          new CheckMisuseException(folder + " holds no check that could go on");
      misuse.initCause(e);
      throw misuse;
    }
  }

  /** Writes down how far the check is, as a whole. */
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

  /** Forgets the check, because it is over. */
  void clear() throws IOException {
    // The state first: without it the rest means nothing.
    for (Path file : files()) {
      Files.deleteIfExists(file);
    }
  }

  @Override
  public void close() throws IOException {
    lock.close();
    if (temporary) {
      clear();
      Files.deleteIfExists(folder.resolve("state.next"));
      Files.deleteIfExists(folder);
    }
  }
}
