package io.registry.storage.local;

import io.registry.storage.BlobKey;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folders of a store: finds the file of a blob without leaving the store, creates the folders
 * above it, removes them when they are empty, and makes their entries survive a loss of power.
 */
final class StoreFolders implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(StoreFolders.class);

  private final Path root;
  private final boolean followsLinks;

  /** The existing folder that contains the store's folder. */
  private final Path ground;

  private final DurableFolders durable = new DurableFolders();
  private final AtomicBoolean warned = new AtomicBoolean();

  /**
   * The folders of a store.
   *
   * @param root the directory of the store, absolute and normalized; it need not exist
   * @param followsLinks whether symbolic links may lead out of the store
   */
  StoreFolders(Path root, boolean followsLinks) {
    this.root = root;
    this.followsLinks = followsLinks;
    this.ground = ground(root);
  }

  private static Path ground(Path root) {
    Path folder = root;
    do {
      Path above = folder.getParent();
      if (above == null) {
        return folder;
      }
      folder = above;
    } while (!Files.exists(folder));
    return folder;
  }

  /** Where the file of a blob is, which need not exist. */
  Path file(BlobKey key) {
    return root.resolve(key.path());
  }

  // What is written through a link out of the store could not be read again.
  void requireInside(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try {
        inside(folder);
      } catch (NoSuchFileException e) {
        if (Files.exists(folder)) {
          throw new AccessDeniedException(folder.toString(), null, "it is outside of the store");
        }
      }
    }
  }

  /** As {@link #file}, for what is read or removed: see {@link #inside(Path)}. */
  Path inside(BlobKey key) throws IOException {
    return inside(file(key));
  }

  /**
   * Checks that no symbolic link on the way to a file leads out of the store. Whoever may write to
   * the store could otherwise have the registry send or remove any file that it may.
   *
   * @throws NoSuchFileException when one does: there is no such blob
   */
  Path inside(Path file) throws IOException {
    if (!followsLinks) {
      for (Path part = file; !part.equals(root); part = parent(part)) {
        if (Files.isSymbolicLink(part)) {
          if (!file.toRealPath().startsWith(root.toRealPath())) {
            log.warn(
                "{} is a link out of the store, and not followed: see"
                    + " registry.storage.local.follow-links",
                part);
            throw new NoSuchFileException(file.toString(), null, "it is outside of the store");
          }
          return file;
        }
      }
    }
    return file;
  }

  void create(Path folder) throws IOException {
    if (Files.isDirectory(folder)) {
      return;
    }
    if (folder.equals(root)) {
      createRoot();
      return;
    }
    create(parent(folder));
    try {
      Files.createDirectory(folder);
    } catch (FileAlreadyExistsException e) {
      if (!isFolderOrAbsent(folder)) {
        throw e;
      }
    } catch (NoSuchFileException e) {
      // The parent was removed meanwhile; the caller's rename fails and is repeated.
      return;
    }
  }

  // Missing when it was removed meanwhile, as above.
  private static boolean isFolderOrAbsent(Path folder) throws IOException {
    try {
      return Files.readAttributes(folder, BasicFileAttributes.class).isDirectory();
    } catch (NoSuchFileException e) {
      return true;
    }
  }

  // Other users of the machine have no business in the images of private repositories. A web server
  // that sends layers itself can be in the group.
  void createRoot() throws IOException {
    if (Files.isDirectory(root)) {
      return;
    }
    Path above = root.getParent();
    if (above != null) {
      Files.createDirectories(above);
    }
    try {
      Files.createDirectory(root, permissions());
      // At once and not with the first blob: another process that finds the folders does not know
      // whether their entries have reached the disk.
      keepEntriesAbove();
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(root)) {
        throw e;
      }
    }
  }

  private FileAttribute<?>[] permissions() {
    return root.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-x---"))
        }
        : new FileAttribute<?>[0];
  }

  // As in an object store, a prefix without blobs does not exist.
  void removeEmpty(Path folder) throws IOException {
    for (Path empty = folder; !empty.equals(root); empty = parent(empty)) {
      try {
        Files.delete(empty);
      } catch (DirectoryNotEmptyException | NoSuchFileException e) {
        return;
      }
    }
  }

  // Also those of the folders above, because any process may have created them a moment ago.
  void keepEntries(Path folder) throws IOException {
    for (Path above = folder; !above.equals(root); above = parent(above)) {
      durable.keepEntry(above);
    }
    keepEntriesAbove();
  }

  private void keepEntriesAbove() {
    Path above = root;
    try {
      for (; !above.equals(ground); above = parent(above)) {
        durable.keepEntry(above);
      }
    } catch (IOException e) {
      // Folders above the store are usually created by the operator, and need not be readable.
      if (warned.compareAndSet(false, true)) {
        log.warn(
            "Could not flush {}: the new folder {} in it may be lost in a power failure: {}",
            parent(above),
            above,
            e.toString());
      }
    }
  }

  /** The folder, or else the first one above it that exists. */
  static Path nearest(Path folder) {
    Path found = folder;
    while (!Files.exists(found)) {
      found = parent(found);
    }
    return found;
  }

  static Path parent(Path path) {
    Path parent = path.getParent();
    if (parent == null) {
      throw new IllegalStateException(path + " has no parent");
    }
    return parent;
  }

  /** Makes the changes of the entries of a folder survive a loss of power. */
  void flush(Path folder) throws IOException {
    durable.flush(folder);
  }

  @Override
  public void close() {
    durable.close();
  }
}
