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
 * An OCI layout in a folder (OCI image-spec, image layout). A blob appears under its name when it
 * is whole and compared with its digest, so that an export which broke off goes on with the blobs
 * that are not there yet.
 */
public final class LayoutFolder implements BlobSink {
  static final String MARK = "oci-layout";
  static final String INDEX = "index.json";
  private static final int BUFFER = 64 * 1024;
  private static final int MAX_INDEX = 64 * 1024 * 1024;

  private final Path folder;
  private final Path parts;
  private final FileChannel lock;

  private LayoutFolder(Path folder, Path parts, FileChannel lock) {
    this.folder = folder;
    this.parts = parts;
    this.lock = lock;
  }

  /**
   * Opens a folder, which need not exist.
   *
   * @throws IOException when it cannot be written, has something else in it, or another process
   *     writes to it
   */
  @SuppressWarnings("StreamResourceLeak") // Closed with this.
  public static LayoutFolder open(Path folder) throws IOException {
    requireLayout(folder);
    Path parts = Files.createDirectories(folder.resolve(".parts"));
    FileChannel lock =
        FileChannel.open(
            parts.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    boolean opened = false;
    try {
      if (!isLocked(lock)) {
        throw new IOException("Another process writes to " + folder);
      }
      LayoutFolder layout = new LayoutFolder(folder, parts, lock);
      layout.removeParts();
      layout.write(folder.resolve(MARK), Layouts.mark());
      opened = true;
      return layout;
    } finally {
      if (!opened) {
        lock.close();
      }
    }
  }

  private static void requireLayout(Path folder) throws IOException {
    if (!Files.exists(folder) || Files.exists(folder.resolve(MARK))) {
      return;
    }
    try (var files = Files.list(folder)) {
      if (files.anyMatch(file -> !file.endsWith(".parts"))) {
        throw new IOException(folder + " is not empty, and not an OCI layout");
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

  @Override
  public boolean has(Descriptor descriptor) {
    return Layouts.contains(folder, descriptor);
  }

  @Override
  public boolean add(Descriptor descriptor, Content content) throws IOException {
    if (has(descriptor)) {
      return false;
    }
    Path part = Files.createTempFile(parts, "blob-", "");
    try {
      try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE);
          OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER)) {
        VerifiedCopy.copy(descriptor, content, out);
        out.flush();
        channel.force(true);
      }
      Path target = folder.resolve(Layouts.path(descriptor.digest()));
      Files.createDirectories(Layouts.parent(target));
      move(part, target);
    } finally {
      Files.deleteIfExists(part);
    }
    return true;
  }

  @Override
  public byte[] index() throws IOException {
    Path file = folder.resolve(INDEX);
    if (!Files.exists(file)) {
      return new byte[0];
    }
    if (Files.size(file) > MAX_INDEX) {
      throw new IOException(file + " is too large");
    }
    return Files.readAllBytes(file);
  }

  @Override
  public void finish(byte[] index) throws IOException {
    write(folder.resolve(INDEX), index);
  }

  private void write(Path file, byte[] bytes) throws IOException {
    Path part = Files.createTempFile(parts, "file-", "");
    try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE);
        OutputStream out = Channels.newOutputStream(channel)) {
      out.write(bytes);
      channel.force(true);
    }
    move(part, file);
  }

  // Temporary files are readable by their owner only, and a layout is for others too.
  private static void move(Path part, Path target) throws IOException {
    part.toFile().setReadable(true, false);
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
