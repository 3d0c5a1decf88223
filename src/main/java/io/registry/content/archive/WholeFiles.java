package io.registry.content.archive;

import io.registry.content.manifest.Descriptor;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.springframework.util.FileSystemUtils;

/**
 * Writes files to a folder, for one process at a time. A file appears under its name when it is
 * whole and on the disk, so that an export which broke off goes on with what is not there yet.
 */
final class WholeFiles implements AutoCloseable {
  static final String PARTS = ".parts";
  private static final int BUFFER = 64 * 1024;

  private final Path parts;
  private final FileChannel lock;

  private WholeFiles(Path parts, FileChannel lock) {
    this.parts = parts;
    this.lock = lock;
  }

  /**
   * Opens a folder, which need not exist.
   *
   * @throws IOException when it cannot be written, or another process writes to it
   */
  @SuppressWarnings("StreamResourceLeak") // Closed with this.
  static WholeFiles open(Path folder) throws IOException {
    Path parts = Files.createDirectories(folder.resolve(PARTS));
    FileChannel lock =
        FileChannel.open(
            parts.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    boolean opened = false;
    try {
      if (!isLocked(lock)) {
        throw new IOException("Another process writes to " + folder);
      }
      WholeFiles files = new WholeFiles(parts, lock);
      files.removeParts();
      opened = true;
      return files;
    } finally {
      if (!opened) {
        lock.close();
      }
    }
  }

  private static boolean isLocked(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  // Of processes that have died.
  private void removeParts() throws IOException {
    try (var files = Files.list(parts)) {
      for (Path file : files.filter(each -> !each.endsWith("lock")).toList()) {
        Files.delete(file);
      }
    }
  }

  /** Writes a small file, and replaces one that is there. */
  void write(Path target, byte[] bytes) throws IOException {
    Path part = Files.createTempFile(parts, "file-", "");
    try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE);
        OutputStream out = Channels.newOutputStream(channel)) {
      out.write(bytes);
      channel.force(true);
    }
    move(part, target);
  }

  /**
   * Copies content, and compares it with its digest.
   *
   * @throws DamagedContentException when it is not that of the descriptor; nothing is there then
   */
  void copy(Descriptor descriptor, Content content, Path target) throws IOException {
    Path part = Files.createTempFile(parts, "blob-", "");
    try {
      try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE);
          OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER)) {
        VerifiedCopy.copy(descriptor, content, out);
        out.flush();
        channel.force(true);
      }
      move(part, target);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  // Temporary files are readable by their owner only, and what is exported is for others too.
  private static void move(Path part, Path target) throws IOException {
    part.toFile().setReadable(true, false);
    Files.createDirectories(Layouts.parent(target));
    Path unusedToo =
        Files.move(
            part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public void close() throws IOException {
    lock.close();
    FileSystemUtils.deleteRecursively(parts);
  }
}
