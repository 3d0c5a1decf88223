package io.registry.content.archive;

import io.registry.content.manifest.Descriptor;
import io.registry.content.manifest.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A folder that Distribution ({@code registry:2} and later) serves as its rootdirectory
 * (distribution, registry/storage/paths.go). What is there is kept.
 */
public final class DistributionFolder implements AutoCloseable {
  private static final Path TREE = Path.of("docker", "registry", "v2");
  private static final String LINK = "link";
  private static final int SHARD = 2;

  private final Path blobs;
  private final Path repositories;
  private final Optional<WholeFiles> files;

  private DistributionFolder(Path folder, Optional<WholeFiles> files) {
    this.blobs = folder.resolve(TREE).resolve("blobs");
    this.repositories = folder.resolve(TREE).resolve("repositories");
    this.files = files;
  }

  /**
   * Opens a folder, which need not exist.
   *
   * @throws IOException when it cannot be written, has something else in it, or another process
   *     writes to it
   */
  public static DistributionFolder open(Path folder) throws IOException {
    if (Files.exists(folder) && !Files.isDirectory(folder.resolve(TREE))) {
      try (Stream<Path> all = Files.list(folder)) {
        if (all.anyMatch(file -> !file.endsWith(WholeFiles.PARTS))) {
          throw new IOException(folder + " is not empty, and not a rootdirectory of Distribution");
        }
      }
    }
    return new DistributionFolder(folder, Optional.of(WholeFiles.open(folder)));
  }

  /** Opens a folder for a dry run, which writes nothing. */
  public static DistributionFolder plan(Path folder) {
    return new DistributionFolder(folder, Optional.empty());
  }

  /**
   * A blob to be added.
   *
   * @param descriptor its digest and size
   * @param content its bytes
   * @param file the file with these bytes, which gets a second name where the file system can do
   *     it; empty when there is none
   */
  public record Bytes(Descriptor descriptor, Content content, Optional<Path> file) {}

  /**
   * Adds a blob to a repository.
   *
   * @return whether its bytes were not there
   * @throws DamagedContentException when they are not those of the descriptor; nothing is added
   *     then
   */
  public boolean addBlob(String repository, Bytes blob) throws IOException {
    Digest digest = blob.descriptor().digest();
    Path link = link(repository, "_layers", digest);
    Optional<Digest> known = digest.isSha256() ? Optional.of(digest) : read(link);
    if (known.isPresent() && has(known.get(), blob.descriptor().size())) {
      writeLink(link, known.get());
      return false;
    }
    Digest stored = known.isPresent() ? known.get() : sha256(blob);
    boolean isNew = !has(stored, blob.descriptor().size());
    if (isNew) {
      store(stored, blob);
    }
    if (!stored.equals(digest)) {
      writeLink(link(repository, "_layers", stored), stored);
    }
    writeLink(link, stored);
    return isNew;
  }

  // Distribution stores everything under its SHA-256.
  private static Digest sha256(Bytes blob) throws IOException {
    MessageDigest hash = Digest.sha256();
    VerifiedCopy.copy(
        blob.descriptor(),
        () -> new DigestInputStream(blob.content().open(), hash),
        OutputStream.nullOutputStream());
    return Digest.ofHash(hash.digest());
  }

  /**
   * Adds a manifest to a repository, which has what it lists.
   *
   * @param descriptor its digest, by SHA-256, and its size
   * @return whether its bytes were not there
   */
  public boolean addManifest(String repository, Descriptor descriptor, byte[] bytes)
      throws IOException {
    boolean isNew = !has(descriptor.digest(), descriptor.size());
    if (isNew) {
      store(
          descriptor.digest(),
          new Bytes(descriptor, () -> new ByteArrayInputStream(bytes), Optional.empty()));
    }
    writeLink(
        link(repository, "_manifests", "revisions", descriptor.digest()), descriptor.digest());
    return isNew;
  }

  /** Sets a tag to a manifest that the repository has. */
  public void tag(String repository, String tag, Digest manifest) throws IOException {
    Path folder = folder(repository).resolve("_manifests").resolve("tags").resolve(tag);
    writeLink(hashed(folder.resolve("index"), manifest).resolve(LINK), manifest);
    writeLink(folder.resolve("current").resolve(LINK), manifest);
  }

  private Path folder(String repository) {
    return repositories.resolve(repository);
  }

  private Path link(String repository, String kind, Digest digest) {
    return hashed(folder(repository).resolve(kind), digest).resolve(LINK);
  }

  private Path link(String repository, String kind, String more, Digest digest) {
    return hashed(folder(repository).resolve(kind).resolve(more), digest).resolve(LINK);
  }

  private static Path hashed(Path folder, Digest digest) {
    return folder.resolve(digest.algorithm()).resolve(digest.hex());
  }

  private Path data(Digest digest) {
    return blobs
        .resolve(digest.algorithm())
        .resolve(digest.hex().substring(0, SHARD))
        .resolve(digest.hex())
        .resolve("data");
  }

  private boolean has(Digest digest, long size) throws IOException {
    Path file = data(digest);
    return Files.isRegularFile(file) && Files.size(file) == size;
  }

  private static Optional<Digest> read(Path link) throws IOException {
    return Files.isRegularFile(link)
        ? Digest.find(Files.readString(link, StandardCharsets.ISO_8859_1).strip())
        : Optional.empty();
  }

  private void store(Digest stored, Bytes blob) throws IOException {
    if (files.isEmpty()) {
      return;
    }
    Path target = data(stored);
    Files.createDirectories(Layouts.parent(target));
    if (blob.file().isEmpty() || !isLinked(blob, blob.file().get(), target)) {
      files.get().copy(blob.descriptor(), blob.content(), target);
    }
  }

  private static boolean isLinked(Bytes blob, Path file, Path target) throws IOException {
    VerifiedCopy.copy(blob.descriptor(), blob.content(), OutputStream.nullOutputStream());
    try {
      Path unused = Files.createLink(target, file);
      return true;
    } catch (FileAlreadyExistsException e) {
      // With another size: it is replaced.
      return false;
    } catch (FileSystemException | UnsupportedOperationException e) {
      // The folder is in another file system.
      return false;
    }
  }

  private void writeLink(Path link, Digest digest) throws IOException {
    if (files.isPresent() && !read(link).equals(Optional.of(digest))) {
      files.get().write(link, digest.toString().getBytes(StandardCharsets.US_ASCII));
    }
  }

  @Override
  public void close() throws IOException {
    if (files.isPresent()) {
      files.get().close();
    }
  }
}
