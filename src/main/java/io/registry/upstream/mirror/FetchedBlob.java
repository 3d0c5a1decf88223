package io.registry.upstream.mirror;

import io.registry.bridge.BridgedBlob;
import io.registry.content.image.LayerCopy;
import io.registry.content.manifest.BlobLink;
import io.registry.content.manifest.BlobStore;
import io.registry.content.manifest.Digest;
import io.registry.content.manifest.RepositoryContent;
import io.registry.content.repository.RepositoryName;
import io.registry.platform.client.CallFailure;
import io.registry.platform.client.CallFailure.Kind;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.platform.problem.Subject;
import io.registry.storage.Blob;
import io.registry.storage.BlobInfo;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.BlobWriter;
import io.registry.storage.ByteRange;
import java.net.URI;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A blob that the source has in a repository: it is stored while it is read. The bytes may be in
 * the store already, for another repository; that the source has them in this one is known before.
 *
 * @param repository the repository, here and there
 * @param size in bytes, as the source says; {@link BlobInfo#UNKNOWN_SIZE} when it does not
 */
record FetchedBlob(RepositoryName repository, Digest digest, long size, Parts parts)
    implements Fetched, BridgedBlob {

  /** The objects that all blobs share. */
  record Parts(
      V2Source source,
      LayerFetches fetches,
      BlobStorage storage,
      BlobStore blobs,
      RepositoryContent content) {}

  /** A blob of a repository. */
  record Key(RepositoryName repository, Digest digest) {
    @Override
    public String toString() {
      return digest + " of " + repository;
    }
  }

  @Override
  public Object key() {
    return new Key(repository, digest);
  }

  @Override
  public boolean isHere() {
    OptionalLong stored = parts.blobs().size(digest);
    stored.ifPresent(this::link);
    return stored.isPresent();
  }

  private void link(long bytes) {
    parts.content().addBlob(repository, digest, new BlobLink(bytes, Optional.empty()));
  }

  @Override
  public SourceAnswer ask() {
    return parts
        .source()
        .download(repository, digest)
        .orElseThrow(() -> new CallFailure(Kind.ANSWER, "it has none"));
  }

  // Only the digest counts: what the source says of the size is shown to clients, and no more.
  @Override
  public boolean isVerifiable() {
    return true;
  }

  @Override
  public Copy copy() {
    return new Bytes(this, digest.newHash(), parts.storage().createIfAbsent(store()));
  }

  private BlobKey store() {
    return parts.blobs().key(digest);
  }

  @Override
  public OptionalLong told() {
    return size < 0 ? OptionalLong.empty() : OptionalLong.of(size);
  }

  @Override
  public void failed() {}

  @Override
  public RegistryException refusal() {
    return new RegistryException(
        Problem.UNAVAILABLE, Subject.BLOB, "The source of this mirror does not deliver the blob");
  }

  @Override
  public Blob open(ByteRange range) {
    return parts
        .fetches()
        .open(this, range)
        .or(() -> parts.blobs().open(digest, range))
        .orElseThrow(this::refusal);
  }

  @Override
  public Optional<URI> downloadUrl() {
    return Optional.empty();
  }

  private record Bytes(FetchedBlob blob, MessageDigest hash, BlobWriter writer) implements Copy {
    @Override
    public void write(byte[] bytes, int offset, int length) {
      hash.update(bytes, offset, length);
      writer.write(bytes, offset, length);
    }

    @Override
    public void verify(long count, LayerCopy.Again again) {
      if (!blob.digest().isOf(hash.digest())) {
        throw new RegistryException(
            Problem.INVALID, Subject.BLOB, "The bytes are not those of the digest");
      }
    }

    @Override
    public void commit() {
      // When the blob exists, it has the same bytes.
      writer.commit();
      blob.link(blob.parts().blobs().size(blob.digest()).orElseThrow());
    }

    @Override
    public void close() {
      writer.close();
    }
  }
}
