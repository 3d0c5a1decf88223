package io.registry.operations.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.util.FileSystemUtils;

/** A temporary directory for what does not fit into memory. It is removed in the end. */
public final class TemporaryFolder implements AutoCloseable {
  private final Path path;

  /** Removes it also when the process is told to end. */
  private final Thread end;

  private TemporaryFolder(Path path, Thread end) {
    this.path = path;
    this.end = end;
  }

  /**
   * Creates a directory.
   *
   * @param command the command that needs it, for its name
   */
  public static TemporaryFolder create(String command) throws IOException {
    Path path = Files.createTempDirectory("registry-" + command + "-");
    Thread end = new Thread(() -> remove(path), command + "-end");
    Runtime.getRuntime().addShutdownHook(end);
    return new TemporaryFolder(path, end);
  }

  /** The directory. */
  public Path path() {
    return path;
  }

  private static void remove(Path path) {
    FileSystemUtils.deleteRecursively(path.toFile());
  }

  @Override
  public void close() {
    remove(path);
    try {
      Runtime.getRuntime().removeShutdownHook(end);
    } catch (IllegalStateException e) {
      // The process ends right now, and the directory is gone.
    }
  }
}
