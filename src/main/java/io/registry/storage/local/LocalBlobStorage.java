package io.registry.storage.local;

import io.registry.storage.Blob;
import io.registry.storage.BlobEntry;
import io.registry.storage.BlobInfo;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.BlobWriter;
import io.registry.storage.ByteRange;
import io.registry.storage.LinkResult;
import io.registry.storage.StorageException;
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
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The local driver: stores blobs as files of one directory tree, laid out like the original's file
 * driver (protocol 5). A blob is written to a temporary file in the same tree, flushed, and then
 * renamed into place; the folder's entry is flushed too before the write is acknowledged. Blobs
 * that are written unsynced are flushed when their folder is moved.
 */
final class LocalBlobStorage implements BlobStorage, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LocalBlobStorage.class);
  private static final String DRIVER = "local";

  /** A delete may remove an empty folder between its creation and the rename into it. */
  private static final int RENAME_ATTEMPTS = 1000;

  private final Path root;
  private final String accelRedirect;
  private final boolean followsLinks;

  /** The existing folder that contains the store's folder. */
  private final Path ground;

  private final DurableFolders folders = new DurableFolders();
  private final AtomicBoolean warned = new AtomicBoolean();

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
    this.ground = ground(this.root);
    this.temporaryFiles = new TemporaryFiles(this.root.resolve("_uploads"));
    // Up to as many threads as there are large uploads.
    this.flushes =
        Executors.newCachedThreadPool(
            task -> {
              Thread thread = new Thread(task, "early-flush");
              thread.setDaemon(true);
              return thread;
            });
    if (sweeps) {
      temporaryFiles.sweep();
    }
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

  @Override
  public Optional<Blob> open(BlobKey key, ByteRange range) {
    try {
      Path file = inside(key);
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
      throw failure("open", key, e);
    }
  }

  @Override
  public Optional<byte[]> read(BlobKey key, int limit) {
    try (SeekableByteChannel file = Files.newByteChannel(inside(key))) {
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
      throw failure("read", key, e);
    }
  }

  @Override
  public BlobWriter create(BlobKey key) {
    return create(key, this::publish, true);
  }

  @Override
  public BlobWriter createUnsynced(BlobKey key) {
    return create(
        key,
        (file, blob) -> {
          requireInside(parent(file(blob)));
          return place(file, file(blob), LocalBlobStorage::replace);
        },
        false);
  }

  @Override
  public BlobWriter createIfAbsent(BlobKey key) {
    return create(key, this::publishIfAbsent, true);
  }

  private BlobWriter create(BlobKey key, LocalBlobWriter.Publication publication, boolean synced) {
    try {
      createRoot();
      return new LocalBlobWriter(publication, key, temporaryFiles.create(), flushes, synced);
    } catch (IOException e) {
      throw failure("create", key, e);
    }
  }

  @Override
  public Optional<BlobInfo> stat(BlobKey key) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(inside(key), BasicFileAttributes.class);
      return attributes.isRegularFile() ? Optional.of(info(attributes)) : Optional.empty();
    } catch (IOException e) {
      if (SystemErrors.isAbsence(e)) {
        return Optional.empty();
      }
      throw failure("look up", key, e);
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
    keys.stream().filter(this::remove).forEach(key -> changed.put(parent(file(key)), key));
    changed.forEach(
        (folder, key) -> {
          try {
            if (synced) {
              folders.flush(folder);
            }
            removeEmptyFolders(folder);
          } catch (IOException e) {
            throw failure("delete", key, e);
          }
        });
  }

  private boolean remove(BlobKey key) {
    Path file = file(key);
    try {
      // A link itself is removed, and not what it leads to.
      inside(parent(file));
      return !Files.isDirectory(file) && Files.deleteIfExists(file);
    } catch (IOException e) {
      if (SystemErrors.isAbsence(e)) {
        return false;
      }
      throw failure("delete", key, e);
    }
  }

  @Override
  public boolean moveFolder(BlobKey from, BlobKey to) {
    Path source = file(from);
    Path target = file(to);
    try {
      requireInside(source);
      requireInside(parent(target));
      if (!flushFiles(source)) {
        return false;
      }
      folders.flush(source);
      if (!place(source, target, LocalBlobStorage::moveOntoNothing)) {
        return false;
      }
    } catch (IOException e) {
      // It did not exist, or another mover was faster.
      if (!Files.exists(source)) {
        return false;
      }
      throw failure("move", from, e);
    }
    try {
      keepEntries(target);
      removeEmptyFolders(parent(source));
      return true;
    } catch (IOException e) {
      throw failure("move", from, e);
    }
  }

  @Override
  public LinkResult link(BlobKey from, BlobKey to) {
    Path source = file(from);
    try {
      if (!Files.isRegularFile(source)) {
        return LinkResult.ABSENT;
      }
      flushFile(source);
      if (put(source, to, (file, name) -> linkIfPossible(file, name).isPresent())) {
        return LinkResult.LINKED;
      }
      removeEmptyFolders(parent(file(to)));
      return LinkResult.UNSUPPORTED;
    } catch (NoSuchFileException e) {
      return LinkResult.ABSENT;
    } catch (IOException e) {
      throw failure("link", to, e);
    }
  }

  // Flushes all files concurrently, which lets the file system write them together. Returns whether
  // there are any.
  private boolean flushFiles(Path folder) throws IOException {
    List<Future<?>> all = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        all.add(
            flushes.submit(
                () -> {
                  flushFile(file);
                  return true;
                }));
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    for (Future<?> flush : all) {
      EarlyFlush.await(flush);
    }
    return !all.isEmpty();
  }

  private static void flushFile(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  @Override
  @SuppressWarnings("StreamResourceLeak") // The caller closes it.
  public Stream<BlobEntry> list(BlobKey prefix) {
    try {
      return Files.list(inside(prefix)).map(file -> entry(prefix, file)).flatMap(Optional::stream);
    } catch (IOException e) {
      if (SystemErrors.isAbsence(e)) {
        return Stream.empty();
      }
      throw failure("list", prefix, e);
    }
  }

  // A file that was removed while the folder was read is listed, too: otherwise a list could lack
  // both it and the one that replaced it.
  @Override
  @SuppressWarnings("StreamResourceLeak") // The caller closes it.
  public Stream<String> names(BlobKey prefix) {
    try {
      return Files.list(inside(prefix))
          .filter(file -> isBlobOrGone(prefix, file))
          .map(file -> String.valueOf(file.getFileName()))
          .filter(BlobKey::isComponent);
    } catch (IOException e) {
      if (SystemErrors.isAbsence(e)) {
        return Stream.empty();
      }
      throw failure("list", prefix, e);
    }
  }

  private static boolean isBlobOrGone(BlobKey prefix, Path file) {
    try {
      return Files.readAttributes(file, BasicFileAttributes.class).isRegularFile();
    } catch (IOException e) {
      if (SystemErrors.isAbsence(e)) {
        return !Files.exists(file, LinkOption.NOFOLLOW_LINKS);
      }
      throw failure("list", prefix, e);
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
      throw failure("list", prefix, e);
    }
  }

  @Override
  @SuppressWarnings("StreamResourceLeak") // The caller closes it.
  public Stream<String> folders(BlobKey prefix) {
    try {
      return Files.list(inside(prefix))
          .filter(Files::isDirectory)
          .map(folder -> String.valueOf(folder.getFileName()))
          .filter(BlobKey::isComponent);
    } catch (IOException e) {
      if (SystemErrors.isAbsence(e)) {
        return Stream.empty();
      }
      throw failure("list", prefix, e);
    }
  }

  @Override
  public void findStrayLinks(Consumer<StrayLink> found) {
    try {
      StrayLinks.find(root, followsLinks, found);
    } catch (IOException e) {
      throw failure("list", BlobKey.of("images"), e);
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
    return DRIVER + " (" + root + ")";
  }

  // A store that does not exist yet is created by the first write, in a folder that must exist.
  @Override
  public void probe() {
    BlobKey images = BlobKey.of("images");
    BlobKey repositories = BlobKey.of("repositories");
    probe(nearest(root), images);
    probe(file(images), images);
    probe(file(repositories), repositories);
  }

  /** The folder, or else the first one above it that exists. */
  static Path nearest(Path folder) {
    Path found = folder;
    while (!Files.exists(found)) {
      found = parent(found);
    }
    return found;
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
      throw failure("probe", key, e);
    } catch (DirectoryIteratorException e) {
      throw failure("probe", key, Objects.requireNonNull(e.getCause()));
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

  /** Moves a complete temporary file into place, durably. */
  private boolean publish(Path temporary, BlobKey key) throws IOException {
    return put(temporary, key, LocalBlobStorage::replace);
  }

  /**
   * Links the temporary file to the blob's name, unless there is a blob already; then returns
   * false.
   */
  private boolean publishIfAbsent(Path temporary, BlobKey key) throws IOException {
    return put(temporary, key, this::linkOrMove);
  }

  /** A step that makes a complete file visible under its name; false when it did not. */
  private interface Step {
    boolean run(Path from, Path to) throws IOException;
  }

  private static boolean replace(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    return true;
  }

  // The JDK has no exception class for a folder that is not empty, so the folder is checked.
  private static boolean moveOntoNothing(Path from, Path to) throws IOException {
    try {
      return replace(from, to);
    } catch (FileSystemException e) {
      if (hasEntries(to)) {
        return false;
      }
      throw e;
    }
  }

  private static boolean hasEntries(Path folder) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      return entries.iterator().hasNext();
    } catch (NoSuchFileException | NotDirectoryException e) {
      return false;
    }
  }

  private boolean linkOrMove(Path from, Path to) throws IOException {
    Optional<Boolean> linked = linkIfPossible(from, to);
    return linked.isPresent() ? linked.get() : moveUnlessThere(from, to);
  }

  // Whether there was no file of that name. Empty where links are not possible: file systems report
  // that in many ways, and the JDK has no exception class for any of them.
  private static Optional<Boolean> linkIfPossible(Path from, Path to) throws IOException {
    try {
      Files.createLink(to, from);
      return Optional.of(true);
    } catch (FileAlreadyExistsException e) {
      if (Files.isDirectory(to)) {
        throw e;
      }
      return Optional.of(false);
    } catch (NoSuchFileException e) {
      throw e;
    } catch (FileSystemException | UnsupportedOperationException e) {
      return Optional.empty();
    }
  }

  // For file systems without hard links: it excludes only other writers of this process.
  private synchronized boolean moveUnlessThere(Path from, Path to) throws IOException {
    if (Files.exists(to)) {
      return false;
    }
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    return true;
  }

  private boolean put(Path temporary, BlobKey key, Step step) throws IOException {
    Path target = file(key);
    requireInside(parent(target));
    boolean published = place(temporary, target, step);
    folders.flush(parent(target));
    keepEntries(parent(target));
    return published;
  }

  private boolean place(Path from, Path to, Step step) throws IOException {
    for (int attempt = 1; ; attempt++) {
      createFolder(parent(to));
      try {
        return step.run(from, to);
      } catch (NoSuchFileException e) {
        if (attempt == RENAME_ATTEMPTS || !Files.exists(from)) {
          throw e;
        }
      }
    }
  }

  // Also those of the folders above, because any process may have created them a moment ago.
  private void keepEntries(Path folder) throws IOException {
    for (Path above = folder; !above.equals(root); above = parent(above)) {
      folders.keepEntry(above);
    }
    keepEntriesAbove();
  }

  private void keepEntriesAbove() {
    Path above = root;
    try {
      for (; !above.equals(ground); above = parent(above)) {
        folders.keepEntry(above);
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

  // Empty when the file was replaced meanwhile: the version would not belong to its bytes.
  private Optional<Blob> open(BlobKey key, ByteRange range, String version) throws IOException {
    Path file = file(key);
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

  static StorageException failure(String operation, BlobKey key, IOException cause) {
    return new StorageException(reason(cause), DRIVER, operation, key, cause);
  }

  private Path file(BlobKey key) {
    return root.resolve(key.path());
  }

  // Other users of the machine have no business in the images of private repositories. A web server
  // that sends layers itself can be in the group.
  private void createRoot() throws IOException {
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

  // What is written through a link out of the store could not be read again.
  private void requireInside(Path folder) throws IOException {
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

  private Path inside(BlobKey key) throws IOException {
    return inside(file(key));
  }

  /**
   * Checks that no symbolic link on the way to a file leads out of the store. Whoever may write to
   * the store could otherwise have the registry send or remove any file that it may.
   *
   * @throws NoSuchFileException when one does: there is no such blob
   */
  private Path inside(Path file) throws IOException {
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

  private void createFolder(Path folder) throws IOException {
    if (Files.isDirectory(folder)) {
      return;
    }
    if (folder.equals(root)) {
      createRoot();
      return;
    }
    createFolder(parent(folder));
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

  // As in an object store, a prefix without blobs does not exist.
  private void removeEmptyFolders(Path folder) throws IOException {
    for (Path empty = folder; !empty.equals(root); empty = parent(empty)) {
      try {
        Files.delete(empty);
      } catch (DirectoryNotEmptyException | NoSuchFileException e) {
        return;
      }
    }
  }

  static Path parent(Path path) {
    Path parent = path.getParent();
    if (parent == null) {
      throw new IllegalStateException(path + " has no parent");
    }
    return parent;
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

  private static Reason reason(IOException e) {
    if (SystemErrors.isDenied(e)) {
      return Reason.DENIED;
    }
    return SystemErrors.isFull(e) ? Reason.FULL : Reason.BROKEN;
  }
}
