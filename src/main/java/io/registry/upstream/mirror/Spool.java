package io.registry.upstream.mirror;

import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.storage.TemporaryFiles;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The local disk that holds layers while they are fetched. Its use is bounded, and files that a
 * stopped registry left there are deleted.
 */
final class Spool implements AutoCloseable {
  private static final boolean POSIX =
      FileSystems.getDefault().supportedFileAttributeViews().contains("posix");

  private final Path directory;
  private final long limit;
  private final TemporaryFiles files;
  private final AtomicLong used = new AtomicLong();

  /**
   * Creates a spool.
   *
   * @param directory the directory for the files; created with the first file
   * @param limit the largest number of bytes in use
   */
  Spool(Path directory, long limit) {
    this.directory = directory;
    this.limit = limit;
    this.files = new TemporaryFiles(directory);
    files.sweep();
  }

  /** The spool that the settings define. */
  static Spool of(MirrorProperties settings) {
    Path directory =
        settings.spool().isEmpty()
            ? Path.of(System.getProperty("java.io.tmpdir"))
                .resolve("registry-mirror-" + System.getProperty("user.name"))
            : Path.of(settings.spool());
    return new Spool(directory, settings.spoolSize().toBytes());
  }

  /** Creates a path for a file, in a directory that only this process's user can read. */
  Path create() throws IOException {
    Files.createDirectories(directory);
    if (POSIX) {
      // Also fails when another user owns the directory, who could then replace the files.
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
    }
    return files.create();
  }

  /**
   * Reserves space.
   *
   * @throws RegistryException {@code UNAVAILABLE} when there is not enough left
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

  /** Frees reserved space. */
  void release(long bytes) {
    used.addAndGet(-bytes);
  }

  /** The number of reserved bytes. */
  long used() {
    return used.get();
  }

  @Override
  public void close() {
    files.close();
  }
}
