package io.registry.content.manifest;

import io.registry.storage.Blob;
import io.registry.storage.BlobInfo;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.ByteRange;
import java.net.URI;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The blobs and manifests that clients have pushed, each stored once under its digest. Whether a
 * repository contains one is answered by {@link RepositoryContent}.
 */
public final class BlobStore {
  static final BlobKey ROOT = BlobKey.of("_oci");

  private static final BlobKey BLOBS = ROOT.child("blobs");
  private static final int SHARD = 2;

  private final BlobStorage storage;

  /** Blobs in a store. */
  public BlobStore(BlobStorage storage) {
    this.storage = storage;
  }

  /** The key of the file with the bytes of a digest, which need not exist. */
  public BlobKey key(Digest digest) {
    return BLOBS
        .child(digest.algorithm())
        .child(digest.hex().substring(0, SHARD))
        .child(digest.hex());
  }

  /** The size of a blob in bytes; empty when there is no such blob. */
  public OptionalLong size(Digest digest) {
    return storage.stat(key(digest)).stream().mapToLong(BlobInfo::size).findFirst();
  }

  /**
   * Opens a blob.
   *
   * @return the blob, which the caller closes; empty when there is none
   * @throws io.registry.storage.UnsatisfiableRangeException when the blob ends before the range
   */
  public Optional<Blob> open(Digest digest, ByteRange range) {
    return storage.open(key(digest), range);
  }

  /** Where a client gets a blob without the registry, as {@link BlobStorage#downloadUrl}. */
  public Optional<URI> downloadUrl(Digest digest) {
    return storage.downloadUrl(key(digest));
  }

  /**
   * Reads a small blob.
   *
   * @param limit the largest size to read, in bytes
   * @return its bytes; empty when there is no such blob
   */
  public Optional<byte[]> read(Digest digest, int limit) {
    return storage.read(key(digest), limit);
  }

  /**
   * Stores a small blob. When this returns, it survives a crash.
   *
   * @param digest the digest of the bytes, which the caller has compared
   */
  public void write(Digest digest, byte[] bytes) {
    storage.writeIfAbsent(key(digest), bytes);
  }
}
