package io.registry.storage.local;

import io.registry.storage.Blob;
import io.registry.storage.BlobEntry;
import io.registry.storage.BlobInfo;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.BlobWriter;
import io.registry.storage.ByteRange;
import io.registry.storage.LinkResult;
import io.registry.storage.StorageException.Reason;
import io.registry.storage.StrayLink;
import io.registry.storage.SystemErrors;
import io.registry.storage.TemporaryFiles;
import java.io.EOFException;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The local driver: stores blobs as files of one directory tree, laid out like the original's file
 * driver (protocol 5). A blob is written to a temporary file in the same tree, flushed, and then
 * renamed into place ({@link Placement}); the folder's entry is flushed too before the write is
 * acknowledged ({@link StoreFolders}). Blobs that are written unsynced are flushed when their
 * folder is moved.
 */
final class LocalBlobStorage implements BlobStorage, AutoCloseable {
  private final Path root;
  private final String accelRedirect;
  private final boolean followsLinks;

  private final StoreFolders folders;
  private final Placement placement;

  /** A folder within the store, so that the rename into place stays within one file system. */
  private final TemporaryFiles temporaryFiles;

  private final ExecutorService flushes;

  LocalBlobStorage(Path root) {
    this(root, "", true, false);
  }

  /**
   * Creates a store.
   *
   * @param root the directory, created by the first write
   * @param accelRedirect the path at which a web server in front serves the directory; empty when
   *     none does
   * @param sweeps whether to delete the files of dead processes now
   * @param followsLinks whether symbolic links may lead out of the store
   */
  LocalBlobStorage(Path root, String accelRedirect, boolean sweeps, boolean followsLinks) {
    this.followsLinks = followsLinks;
    this.accelRedirect = accelRedirect;
    this.root = root.toAbsolutePath().normalize();
    this.folders = new StoreFolders(this.root, followsLinks);
    this.temporaryFiles = new TemporaryFiles(this.root.resolve("_uploads"));
    // Up to as many threads as there are large uploads.
    this.flushes =
        Executors.newCachedThreadPool(
            task -> {
              Thread thread = new Thread(task, "early-flush");
              thread.setDaemon(true);
              return thread;
            });
    this.placement = new Placement(folders, flushes);
    if (sweeps) {
      temporaryFiles.sweep();
    }
  }

  @Override
  public Optional<Blob> open(BlobKey key, ByteRange range) {
    try {
      Path file = folders.inside(key);
      while (true) {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        if (!attributes.isRegularFile()) {
          return Optional.empty();
        }
        Optional<Blob> blob = open(key, range, version(attributes));
        if (blob.isPresent()) {
          return blob;
        }
      }
    } catch (IOException e) {
      if (SystemErrors.isAbsence(e)) {
        return Optional.empty();
      }
      throw LocalFailures.failure("open", key, e);
    }
  }

  @Override
  public Optional<byte[]> read(BlobKey key, int limit) {
    try (SeekableByteChannel file = Files.newByteChannel(folders.inside(key))) {
      if (file.size() > limit) {
        throw new IOException("it has " + file.size() + " bytes, more than " + limit);
      }
      ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
      while (bytes.hasRemaining()) {
        if (file.read(bytes) < 0) {
          throw new EOFException("it became shorter while it was read");
        }
      }
      return Optional.of(bytes.array());
    } catch (IOException e) {
      if (SystemErrors.isAbsence(e)) {
        return Optional.empty();
      }
      throw LocalFailures.failure("read", key, e);
    }
  }

  @Override
  public BlobWriter create(BlobKey key) {
    return create(key, placement::publish, true);
  }

  @Override
  public BlobWriter createUnsynced(BlobKey key) {
    return create(key, placement::publishUnsynced, false);
  }

  @Override
  public BlobWriter createIfAbsent(BlobKey key) {
    return create(key, placement::publishIfAbsent, true);
  }

  private BlobWriter create(BlobKey key, LocalBlobWriter.Publication publication, boolean synced) {
    try {
      folders.createRoot();
      return new LocalBlobWriter(publication, key, temporaryFiles.create(), flushes, synced);
    } catch (IOException e) {
      throw LocalFailures.failure("create", key, e);
    }
  }

  @Override
  public Optional<BlobInfo> stat(BlobKey key) {
    try {
      BasicFileAttributes attributes =
          Files.readAttributes(folders.inside(key), BasicFileAttributes.class);
      return attributes.isRegularFile() ? Optional.of(info(attributes)) : Optional.empty();
    } catch (IOException e) {
      if (SystemErrors.isAbsence(e)) {
        return Optional.empty();
      }
      throw LocalFailures.failure("look up", key, e);
    }
  }

  @Override
  public void delete(BlobKey key) {
    deleteAll(List.of(key));
  }

  @Override
  public void deleteAll(Collection<BlobKey> keys) {
    delete(keys, true);
  }

  @Override
  public void deleteAllUnsynced(Collection<BlobKey> keys) {
    delete(keys, false);
  }

  private void delete(Collection<BlobKey> keys, boolean synced) {
    Map<Path, BlobKey> changed = new LinkedHashMap<>();
    keys.stream()
        .filter(this::remove)
        .forEach(key -> changed.put(StoreFolders.parent(folders.file(key)), key));
    changed.forEach(
        (folder, key) -> {
          try {
            if (synced) {
              folders.flush(folder);
            }
            folders.removeEmpty(folder);
          } catch (IOException e) {
            throw LocalFailures.failure("delete", key, e);
          }
        });
  }

  private boolean remove(BlobKey key) {
    Path file = folders.file(key);
    try {
      // A link itself is removed, and not what it leads to.
      folders.inside(StoreFolders.parent(file));
      return !Files.isDirectory(file) && Files.deleteIfExists(file);
    } catch (IOException e) {
      if (SystemErrors.isAbsence(e)) {
        return false;
      }
      throw LocalFailures.failure("delete", key, e);
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>No file system removes a name only if it is that of a certain file. So the file is moved
   * aside, compared again, and put back if another writer was faster; readers may miss it for that
   * moment.
   */
  @Override
  public boolean deleteVersion(BlobKey key, String version) {
    Path file = folders.file(key);
    Path folder = StoreFolders.parent(file);
    try {
      folders.inside(folder);
      if (!isVersion(file, version)) {
        return false;
      }
      Path aside = temporaryFiles.create();
      Files.move(file, aside, StandardCopyOption.ATOMIC_MOVE);
      boolean isSame = isVersion(aside, version);
      if (!isSame) {
        placement.publishIfAbsent(aside, key);
      }
      Files.deleteIfExists(aside);
      folders.flush(folder);
      folders.removeEmpty(folder);
      return isSame;
    } catch (IOException e) {
      if (SystemErrors.isAbsence(e)) {
        return false;
      }
      throw LocalFailures.failure("delete", key, e);
    }
  }

  private static boolean isVersion(Path file, String version) throws IOException {
    BasicFileAttributes found =
        Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    return found.isRegularFile() && version(found).equals(version);
  }

  @Override
  public boolean deletesVersions() {
    return true;
  }

  @Override
  public boolean moveFolder(BlobKey from, BlobKey to) {
    Path source = folders.file(from);
    Path target = folders.file(to);
    try {
      if (!placement.moveFolder(source, target)) {
        return false;
      }
    } catch (IOException e) {
      // It did not exist, or another mover was faster.
      if (!Files.exists(source)) {
        return false;
      }
      throw LocalFailures.failure("move", from, e);
    }
    try {
      folders.keepEntries(target);
      folders.removeEmpty(StoreFolders.parent(source));
      return true;
    } catch (IOException e) {
      throw LocalFailures.failure("move", from, e);
    }
  }

  @Override
  public LinkResult link(BlobKey from, BlobKey to) {
    Path source = folders.file(from);
    try {
      if (!Files.isRegularFile(source)) {
        return LinkResult.ABSENT;
      }
      if (placement.link(source, to)) {
        return LinkResult.LINKED;
      }
      folders.removeEmpty(StoreFolders.parent(folders.file(to)));
      return LinkResult.UNSUPPORTED;
    } catch (NoSuchFileException e) {
      return LinkResult.ABSENT;
    } catch (IOException e) {
      throw LocalFailures.failure("link", to, e);
    }
  }

  @Override
  @SuppressWarnings("StreamResourceLeak") // The caller closes it.
  public Stream<BlobEntry> list(BlobKey prefix) {
    try {
      return Files.list(folders.inside(prefix))
          .map(file -> entry(prefix, file))
          .flatMap(Optional::stream);
    } catch (IOException e) {
      if (SystemErrors.isAbsence(e)) {
        return Stream.empty();
      }
      throw LocalFailures.failure("list", prefix, e);
    }
  }

  // A file that was removed while the folder was read is listed, too: otherwise a list could lack
  // both it and the one that replaced it.
  @Override
  @SuppressWarnings("StreamResourceLeak") // The caller closes it.
  public Stream<String> names(BlobKey prefix) {
    try {
      return Files.list(folders.inside(prefix))
          .filter(file -> isBlobOrGone(prefix, file))
          .map(file -> String.valueOf(file.getFileName()))
          .filter(BlobKey::isComponent);
    } catch (IOException e) {
      if (SystemErrors.isAbsence(e)) {
        return Stream.empty();
      }
      throw LocalFailures.failure("list", prefix, e);
    }
  }

  private static boolean isBlobOrGone(BlobKey prefix, Path file) {
    try {
      return Files.readAttributes(file, BasicFileAttributes.class).isRegularFile();
    } catch (IOException e) {
      if (SystemErrors.isAbsence(e)) {
        return !Files.exists(file, LinkOption.NOFOLLOW_LINKS);
      }
      throw LocalFailures.failure("list", prefix, e);
    }
  }

  // Empty for what is not a blob, or was removed while the folder was read.
  private static Optional<BlobEntry> entry(BlobKey prefix, Path file) {
    String name = String.valueOf(file.getFileName());
    if (!BlobKey.isComponent(name)) {
      return Optional.empty();
    }
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return attributes.isRegularFile()
          ? Optional.of(
              new BlobEntry(name, info(attributes), attributes.lastModifiedTime().toInstant()))
          : Optional.empty();
    } catch (IOException e) {
      if (SystemErrors.isAbsence(e)) {
        return Optional.empty();
      }
      throw LocalFailures.failure("list", prefix, e);
    }
  }

  @Override
  @SuppressWarnings("StreamResourceLeak") // The caller closes it.
  public Stream<String> folders(BlobKey prefix) {
    try {
      return Files.list(folders.inside(prefix))
          .filter(Files::isDirectory)
          .map(folder -> String.valueOf(folder.getFileName()))
          .filter(BlobKey::isComponent);
    } catch (IOException e) {
      if (SystemErrors.isAbsence(e)) {
        return Stream.empty();
      }
      throw LocalFailures.failure("list", prefix, e);
    }
  }

  @Override
  public void findStrayLinks(Consumer<StrayLink> found) {
    try {
      StrayLinks.find(root, followsLinks, found);
    } catch (IOException e) {
      throw LocalFailures.failure("list", BlobKey.of("images"), e);
    }
  }

  private static BlobInfo info(BasicFileAttributes attributes) {
    return new BlobInfo(attributes.size(), version(attributes));
  }

  @Override
  public Optional<URI> downloadUrl(BlobKey key) {
    if (accelRedirect.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(new URI(null, null, accelRedirect + "/" + key.path(), null));
    } catch (URISyntaxException e) {
      throw new IllegalStateException("any path can be written as a URI", e);
    }
  }

  @Override
  public String describe() {
    return LocalFailures.DRIVER + " (" + root + ")";
  }

  // A store that does not exist yet is created by the first write, in a folder that must exist.
  @Override
  public void probe() {
    BlobKey images = BlobKey.of("images");
    BlobKey repositories = BlobKey.of("repositories");
    probe(StoreFolders.nearest(root), images);
    probe(folders.file(images), images);
    probe(folders.file(repositories), repositories);
  }

  // Listing needs one permission, and looking at what was listed another one.
  private static void probe(Path folder, BlobKey key) {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      Iterator<Path> first = entries.iterator();
      if (first.hasNext()) {
        attributes(first.next());
      }
    } catch (NoSuchFileException e) {
      // Nothing was pushed yet, or what was listed is gone meanwhile.
      return;
    } catch (IOException e) {
      throw LocalFailures.failure("probe", key, e);
    } catch (DirectoryIteratorException e) {
      throw LocalFailures.failure("probe", key, Objects.requireNonNull(e.getCause()));
    }
  }

  private static BasicFileAttributes attributes(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
  }

  @Override
  public Optional<String> remedy(Reason reason) {
    return switch (reason) {
      case DENIED ->
          Optional.of(
              "This process runs as user %s: let it read and write all of %s (chown -R %s %s), and mount it for writing"
                  .formatted(ProcessUser.name(), root, ProcessUser.name(), root));
      case FULL -> Optional.of("Make room on the disk or in the quota of " + root);
      case READ_ONLY, UNAVAILABLE, BROKEN -> Optional.empty();
    };
  }

  @Override
  public void close() {
    flushes.shutdown();
    temporaryFiles.close();
    folders.close();
  }

  // Empty when the file was replaced meanwhile: the version would not belong to its bytes.
  private Optional<Blob> open(BlobKey key, ByteRange range, String version) throws IOException {
    Path file = folders.file(key);
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    boolean opened = false;
    try {
      if (version(Files.readAttributes(file, BasicFileAttributes.class)).equals(version)) {
        Blob blob = new LocalBlob(key, file, channel, channel.size(), range, version);
        opened = true;
        return Optional.of(blob);
      }
      return Optional.empty();
    } finally {
      if (!opened) {
        channel.close();
      }
    }
  }

  // Timestamps of file systems are coarse, but a new file has another identity than the one it
  // replaces.
  private static String version(BasicFileAttributes attributes) {
    return Integer.toHexString(Objects.hashCode(attributes.fileKey()))
        + "-"
        + Long.toHexString(attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS))
        + "-"
        + Long.toHexString(attributes.size());
  }
}
