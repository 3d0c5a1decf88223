package io.registry.content.distribution;

import io.registry.content.manifest.BlobStore;
import io.registry.content.manifest.Digest;
import io.registry.content.repository.RepositoryKeys;
import io.registry.content.repository.RepositoryName;
import io.registry.storage.Blob;
import io.registry.storage.BlobInfo;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.BlobWriter;
import io.registry.storage.ByteRange;
import io.registry.storage.LinkResult;
import io.registry.storage.StorageException;
import io.registry.storage.StorageException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Takes what a tree contains over into the layout of this registry, so that the tree can be
 * removed. What is there already is left alone, so that it can be repeated after an interruption.
 * Nothing of the tree is changed; in a directory the bytes get a second name, and in a bucket the
 * store copies them.
 */
public final class TreeAdoption {
  private final BlobStorage own;
  private final ForeignTree tree;
  private final OverlayStorage both;
  private final BlobStore blobs;

  TreeAdoption(BlobStorage own, ForeignTree tree, OverlayStorage both) {
    this.own = own;
    this.tree = tree;
    this.both = both;
    this.blobs = new BlobStore(own);
  }

  /**
   * What was taken over, or would be.
   *
   * @param files how many tags and links
   * @param blobs how many blobs and manifests
   * @param bytes their bytes
   */
  public record Taken(long files, long blobs, long bytes) {}

  /** What the tree is and where. */
  public String describe() {
    return tree.describe();
  }

  /**
   * The repositories of the tree, each once.
   *
   * @return the names; the caller closes the stream
   */
  public Stream<RepositoryName> repositories() {
    return tree.namespaces().flatMap(tree::repositories).distinct();
  }

  /**
   * Takes a repository over. Its bytes come first, and its tags last.
   *
   * @param isDryRun whether nothing is written
   * @throws StorageException when the store fails, or bytes that have to be read have another
   *     digest
   */
  public Taken adopt(RepositoryName repository, boolean isDryRun) {
    Adopting work = new Adopting(repository, isDryRun);
    try (Stream<Digest> all = tree.blobs(repository)) {
      all.distinct().forEach(work::blob);
    }
    try (Stream<Digest> all = tree.manifests(repository)) {
      all.distinct().forEach(work::manifest);
    }
    RepositoryKeys keys = RepositoryKeys.of(repository);
    tree.tags(repository)
        .forEach(tag -> work.file(keys.folder().child(RepositoryKeys.fileOf(tag))));
    work.file(keys.images());
    return new Taken(work.files, work.blobCount, work.bytes);
  }

  private final class Adopting {
    private final BlobKey content;
    private final RepositoryName repository;
    private final boolean isDryRun;
    private long files;
    private long blobCount;
    private long bytes;

    Adopting(RepositoryName repository, boolean isDryRun) {
      this.repository = repository;
      this.content = RepositoryKeys.of(repository).content();
      this.isDryRun = isDryRun;
    }

    void blob(Digest digest) {
      BlobKey key = content.child("blobs").child(Place.name(digest));
      if (both.isOfTree(key)) {
        tree.blob(repository, digest).ifPresent(link -> bytes(digest, link.digest()));
        file(key);
      }
    }

    void manifest(Digest digest) {
      BlobKey key = content.child("manifests").child(Place.name(digest));
      if (both.isOfTree(key)) {
        bytes(digest, digest);
        both.subjectOf(digest)
            .map(subject -> content.child("referrers").child(Place.name(subject)))
            .ifPresent(referrers -> file(referrers.child(Place.name(digest))));
        file(key);
      }
    }

    void file(BlobKey key) {
      if (!both.isOfTree(key) || own.exists(key)) {
        return;
      }
      Optional<byte[]> text = both.read(key, Integer.MAX_VALUE);
      if (text.isPresent() && (isDryRun || own.writeIfAbsent(key, text.get()))) {
        files++;
      }
    }

    private void bytes(Digest digest, Digest stored) {
      BlobKey key = blobs.key(digest);
      Optional<BlobInfo> found = tree.storage().stat(tree.file(stored));
      if (found.isPresent() && !own.exists(key)) {
        if (!isDryRun) {
          take(digest, tree.file(stored), key);
        }
        blobCount++;
        bytes += found.get().size();
      }
    }
  }

  private void take(Digest digest, BlobKey file, BlobKey key) {
    if (tree.storage() == own) {
      if (own.link(file, key) == LinkResult.UNSUPPORTED) {
        own.copy(file, key);
      }
      return;
    }
    Optional<Blob> found = tree.storage().open(file, ByteRange.ALL);
    if (found.isEmpty()) {
      return;
    }
    MessageDigest hash = digest.newHash();
    try (Blob blob = found.get();
        InputStream body = new DigestInputStream(blob.body(), hash);
        BlobWriter writer = own.createIfAbsent(key)) {
      body.transferTo(writer);
      if (!digest.isOf(hash.digest())) {
        throw new IOException("the bytes have another digest");
      }
      writer.commit();
    } catch (IOException e) {
      throw new StorageException(Reason.BROKEN, tree.storage().describe(), "read", file, e);
    }
  }
}
