package io.registry.mirror;

import io.registry.problem.Problem;
import io.registry.problem.RegistryException;
import io.registry.storage.TemporaryFiles;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The disk that layers pass on their way to clients. How much of it is used is bounded, and what a
 * stopped registry left there is removed.
 */
final class Spool implements AutoCloseable {
  private static final boolean POSIX =
      FileSystems.getDefault().supportedFileAttributeViews().contains("posix");

  private final Path directory;
  private final long limit;
  private final TemporaryFiles files;
  private final AtomicLong used = new AtomicLong();

  /**
   * A spool.
   *
   * @param directory where the files lie; made when the first one is
   * @param limit so many bytes at most
   */
  Spool(Path directory, long limit) {
    this.directory = directory;
    this.limit = limit;
    this.files = new TemporaryFiles(directory);
    files.sweep();
  }

  /** The spool that is set. */
  static Spool of(MirrorProperties settings) {
    Path directory =
        settings.spool().isEmpty()
            ? Path.of(System.getProperty("java.io.tmpdir"))
                .resolve("registry-mirror-" + System.getProperty("user.name"))
            : Path.of(settings.spool());
    return new Spool(directory, settings.spoolSize().toBytes());
  }

  /** A place for a file that nobody but this process can look into. */
  Path create() throws IOException {
    Files.createDirectories(directory);
    if (POSIX) {
      // Also fails when somebody else has made it, who could then exchange the files.
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
    }
    return files.create();
  }

  /**
   * Takes a part of the disk.
   *
   * @throws RegistryException {@code UNAVAILABLE} when there is not so much left
   */
  void reserve(long bytes) {
    long after = used.addAndGet(bytes);
    if (after > limit) {
      used.addAndGet(-bytes);
      throw new RegistryException(
          Problem.UNAVAILABLE,
          "Too many layers are on their way at the moment (registry.mirror.spool-size)");
    }
  }

  /** Gives a part back. */
  void release(long bytes) {
    used.addAndGet(-bytes);
  }

  /** How many bytes are taken. */
  long used() {
    return used.get();
  }

  @Override
  public void close() {
    files.close();
  }
}
