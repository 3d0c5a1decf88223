package io.registry.storage.local;

import io.registry.storage.Blob;
import io.registry.storage.BlobEntry;
import io.registry.storage.BlobInfo;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.BlobWriter;
import io.registry.storage.ByteRange;
import io.registry.storage.StorageException;
import io.registry.storage.StorageException.Reason;
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
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Blobs as files of one directory tree, laid out as the original's file driver did (protocol 5). A
 * write goes to a temporary file of the same tree, reaches the disk, and is then renamed into
 * place; the folder's entry reaches the disk too before the write is acknowledged.
 */
final class LocalBlobStorage implements BlobStorage, AutoCloseable {
  private static final String DRIVER = "local";

  /** A folder can be pruned by a delete between its creation and the rename into it. */
  private static final int RENAME_ATTEMPTS = 1000;

  private final Path root;
  private final String accelRedirect;

  /** A folder of the store, so that the rename into place stays within one file system. */
  private final TemporaryFiles temporaryFiles;

  private final ExecutorService flushes;

  LocalBlobStorage(Path root) {
    this(root, "", true);
  }

  /**
   * A store.
   *
   * @param root the directory, made by the first write
   * @param accelRedirect where a web server in front serves the directory; empty when none does
   * @param sweeps whether what dead processes have left is removed now
   */
  LocalBlobStorage(Path root, String accelRedirect, boolean sweeps) {
    this.accelRedirect = accelRedirect;
    this.root = root.toAbsolutePath().normalize();
    this.temporaryFiles = new TemporaryFiles(this.root.resolve("_uploads"));
    // As many threads as there are large uploads, while there are any.
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

  @Override
  public Optional<Blob> open(BlobKey key, ByteRange range) {
    Path file = file(key);
    try {
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
      if (isAbsence(e)) {
        return Optional.empty();
      }
      throw failure("open", key, e);
    }
  }

  @Override
  public Optional<byte[]> read(BlobKey key, int limit) {
    try (SeekableByteChannel file = Files.newByteChannel(file(key))) {
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
      if (isAbsence(e)) {
        return Optional.empty();
      }
      throw failure("read", key, e);
    }
  }

  @Override
  public BlobWriter create(BlobKey key) {
    return create(key, this::publish);
  }

  @Override
  public BlobWriter createIfAbsent(BlobKey key) {
    return create(key, this::publishIfAbsent);
  }

  private BlobWriter create(BlobKey key, LocalBlobWriter.Publication publication) {
    try {
      return new LocalBlobWriter(publication, key, temporaryFiles.create(), flushes);
    } catch (IOException e) {
      throw failure("create", key, e);
    }
  }

  @Override
  public Optional<BlobInfo> stat(BlobKey key) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file(key), BasicFileAttributes.class);
      return attributes.isRegularFile() ? Optional.of(info(attributes)) : Optional.empty();
    } catch (IOException e) {
      if (isAbsence(e)) {
        return Optional.empty();
      }
      throw failure("look up", key, e);
    }
  }

  @Override
  public void delete(BlobKey key) {
    Path file = file(key);
    try {
      if (Files.isDirectory(file) || !Files.deleteIfExists(file)) {
        return;
      }
      Path folder = parent(file);
      synchronise(folder);
      removeEmptyFolders(folder);
    } catch (IOException e) {
      if (!isAbsence(e)) {
        throw failure("delete", key, e);
      }
    }
  }

  @Override
  @SuppressWarnings("StreamResourceLeak") // Handed to the caller, who closes it.
  public Stream<BlobEntry> list(BlobKey prefix) {
    try {
      return Files.list(file(prefix)).map(file -> entry(prefix, file)).flatMap(Optional::stream);
    } catch (IOException e) {
      if (isAbsence(e)) {
        return Stream.empty();
      }
      throw failure("list", prefix, e);
    }
  }

  // One that was removed while the list was read is named: left out, a list could lack both it and
  // the one that took its place.
  @Override
  @SuppressWarnings("StreamResourceLeak") // Handed to the caller, who closes it.
  public Stream<String> names(BlobKey prefix) {
    try {
      return Files.list(file(prefix))
          .filter(file -> isBlobOrGone(prefix, file))
          .map(file -> String.valueOf(file.getFileName()))
          .filter(BlobKey::isComponent);
    } catch (IOException e) {
      if (isAbsence(e)) {
        return Stream.empty();
      }
      throw failure("list", prefix, e);
    }
  }

  private static boolean isBlobOrGone(BlobKey prefix, Path file) {
    try {
      return Files.readAttributes(file, BasicFileAttributes.class).isRegularFile();
    } catch (IOException e) {
      if (isAbsence(e)) {
        return !Files.exists(file, LinkOption.NOFOLLOW_LINKS);
      }
      throw failure("list", prefix, e);
    }
  }

  // Nothing for what is no blob, or was removed while the list was read.
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
      if (isAbsence(e)) {
        return Optional.empty();
      }
      throw failure("list", prefix, e);
    }
  }

  @Override
  @SuppressWarnings("StreamResourceLeak") // Handed to the caller, who closes it.
  public Stream<String> folders(BlobKey prefix) {
    try {
      return Files.list(file(prefix))
          .filter(Files::isDirectory)
          .map(folder -> String.valueOf(folder.getFileName()))
          .filter(BlobKey::isComponent);
    } catch (IOException e) {
      if (isAbsence(e)) {
        return Stream.empty();
      }
      throw failure("list", prefix, e);
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

  // A store that is not there yet is made by the first write, in a folder that has to be there.
  @Override
  public void probe() {
    Path folder = root;
    while (!Files.exists(folder)) {
      folder = parent(folder);
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      boolean unused = entries.iterator().hasNext();
    } catch (IOException | DirectoryIteratorException e) {
      throw failure(
          "probe", BlobKey.of("images"), e instanceof IOException io ? io : new IOException(e));
    }
  }

  @Override
  public void close() {
    flushes.shutdown();
    temporaryFiles.close();
  }

  /** Moves a finished temporary file to where the blob belongs, durably. */
  private boolean publish(Path temporary, BlobKey key) throws IOException {
    return put(
        temporary,
        key,
        (from, to) -> {
          Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
          return true;
        });
  }

  /** Gives it that name too, unless there is a blob already; then the answer is false. */
  private boolean publishIfAbsent(Path temporary, BlobKey key) throws IOException {
    return put(temporary, key, this::link);
  }

  /** A step that makes a finished file appear under its name; false when it did not. */
  private interface Step {
    boolean run(Path from, Path to) throws IOException;
  }

  private boolean link(Path from, Path to) throws IOException {
    try {
      Files.createLink(to, from);
      return true;
    } catch (FileAlreadyExistsException e) {
      if (Files.isDirectory(to)) {
        throw e;
      }
      return false;
    } catch (NoSuchFileException e) {
      throw e;
    } catch (FileSystemException | UnsupportedOperationException e) {
      return moveUnlessThere(from, to);
    }
  }

  // For file systems without hard links: good for the writers of one process.
  private synchronized boolean moveUnlessThere(Path from, Path to) throws IOException {
    if (Files.exists(to)) {
      return false;
    }
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    return true;
  }

  private boolean put(Path temporary, BlobKey key, Step step) throws IOException {
    Path target = file(key);
    Path folder = parent(target);
    boolean published;
    for (int attempt = 1; ; attempt++) {
      createFolder(folder);
      try {
        published = step.run(temporary, target);
        break;
      } catch (NoSuchFileException e) {
        if (attempt == RENAME_ATTEMPTS || !Files.exists(temporary)) {
          throw e;
        }
      }
    }
    // Up to the root, because another thread may have made one of these a moment ago.
    for (Path parent = folder; !parent.equals(root); parent = parent(parent)) {
      synchronise(parent);
    }
    synchronise(root);
    return published;
  }

  // Nothing when the file was replaced meanwhile: its version would not belong to its bytes.
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

  private void createFolder(Path folder) throws IOException {
    if (Files.isDirectory(folder)) {
      return;
    }
    if (folder.equals(root)) {
      Files.createDirectories(folder);
      synchronise(parent(folder));
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
      // The parent was pruned in between; the caller's rename fails and starts again.
      return;
    }
  }

  // Absent when it was pruned in between, as above.
  private static boolean isFolderOrAbsent(Path folder) throws IOException {
    try {
      return Files.readAttributes(folder, BasicFileAttributes.class).isDirectory();
    } catch (NoSuchFileException e) {
      return true;
    }
  }

  // A prefix without blobs does not exist, as on an object store: listing it finds nothing.
  private void removeEmptyFolders(Path folder) throws IOException {
    for (Path empty = folder; !empty.equals(root); empty = parent(empty)) {
      try {
        Files.delete(empty);
      } catch (DirectoryNotEmptyException | NoSuchFileException e) {
        return;
      }
    }
  }

  private static Path parent(Path path) {
    Path parent = path.getParent();
    if (parent == null) {
      throw new IllegalStateException(path + " has no parent");
    }
    return parent;
  }

  private static void synchronise(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (NoSuchFileException e) {
      // Pruned in between: then there is no entry left that could be lost.
      return;
    }
  }

  // Clocks of file systems tick slowly, but a new file is never the same file as the one it
  // replaces.
  private static String version(BasicFileAttributes attributes) {
    return Integer.toHexString(Objects.hashCode(attributes.fileKey()))
        + "-"
        + Long.toHexString(attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS))
        + "-"
        + Long.toHexString(attributes.size());
  }

  private static boolean isAbsence(IOException e) {
    return e instanceof NoSuchFileException
        || e instanceof NotDirectoryException
        // These have no exception class of their own; a folder is no blob.
        || text(e).contains("is a directory")
        || (e instanceof FileSystemException
            && (text(e).contains("not a directory") || text(e).contains("name too long")));
  }

  private static Reason reason(IOException e) {
    // EROFS and EPERM have no exception class of their own.
    if (e instanceof AccessDeniedException
        || text(e).contains("read-only file system")
        || text(e).contains("operation not permitted")) {
      return Reason.DENIED;
    }
    if (text(e).contains("no space left") || text(e).contains("quota exceeded")) {
      return Reason.FULL;
    }
    return Reason.BROKEN;
  }

  private static String text(IOException e) {
    return String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
  }
}
