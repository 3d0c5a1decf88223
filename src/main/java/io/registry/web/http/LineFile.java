package io.registry.web.http;

import io.registry.platform.logs.LogText;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends lines to a file or the standard output. Each line has been passed to the operating system
 * when the call returns. A line that cannot be written is dropped, so that no request waits for a
 * log.
 */
final class LineFile implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LineFile.class);

  private final ReentrantLock lock = new ReentrantLock();
  private final Optional<Path> path;
  private OutputStream out;
  private boolean failing;

  /**
   * Opens a file.
   *
   * @param path the file; empty for the standard output
   * @throws UncheckedIOException when it cannot be created
   */
  LineFile(Optional<Path> path) {
    this.path = path;
    try {
      this.out = path.isPresent() ? append(path.get()) : standardOutput();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write to " + path.orElseThrow(), e);
    }
  }

  private static OutputStream append(Path path) throws IOException {
    Path directory = path.toAbsolutePath().getParent();
    if (directory != null) {
      Files.createDirectories(directory);
    }
    return Files.newOutputStream(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private static OutputStream standardOutput() {
    return new FileOutputStream(FileDescriptor.out);
  }

  /**
   * Appends a line. A line break in it does not begin another one.
   *
   * @param line the line without its line break
   */
  void write(String line) {
    lock.lock();
    try {
      // The failed write may have written a part of the line before.
      String begun = failing ? "\n" : "";
      out.write((begun + LogText.printable(line) + "\n").getBytes(StandardCharsets.UTF_8));
      failing = false;
    } catch (IOException e) {
      if (!failing) {
        log.warn("Cannot write to {}; lines are dropped: {}", this, e.toString());
      }
      failing = true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Reopens the file under its name, after the old one was renamed.
   *
   * @return the file; empty for the standard output
   * @throws IOException when it cannot be created; then lines are still written to the old file
   */
  Optional<String> reopen() throws IOException {
    if (path.isEmpty()) {
      return Optional.empty();
    }
    lock.lock();
    try {
      OutputStream next = append(path.get());
      close();
      out = next;
    } finally {
      lock.unlock();
    }
    return path.map(Path::toString);
  }

  /** Closes the file; the standard output stays open, because others use it. */
  @Override
  public void close() {
    if (path.isEmpty()) {
      return;
    }
    lock.lock();
    try {
      out.close();
    } catch (IOException e) {
      log.warn("Cannot close {}: {}", this, e.toString());
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String toString() {
    return path.map(Path::toString).orElse("the standard output");
  }
}
