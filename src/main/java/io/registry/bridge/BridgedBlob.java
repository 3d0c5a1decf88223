package io.registry.bridge;

import io.registry.content.manifest.Digest;
import io.registry.storage.Blob;
import io.registry.storage.ByteRange;
import java.net.URI;
import java.util.Optional;

/** A blob that is served: a layer or a configuration. */
public interface BridgedBlob {

  /** The size in bytes. */
  long size();

  /**
   * Opens the blob.
   *
   * @return the blob, which the caller closes
   * @throws io.registry.storage.UnsatisfiableRangeException when the blob ends before the range
   */
  Blob open(ByteRange range);

  /**
   * A blob whose bytes are at hand.
   *
   * @param bytes not to be changed
   * @param digest of the bytes
   */
  static BridgedBlob of(byte[] bytes, Digest digest) {
    return new BridgedBlob() {
      @Override
      public long size() {
        return bytes.length;
      }

      @Override
      public Blob open(ByteRange range) {
        return BytesBlob.of(bytes, digest, range);
      }

      @Override
      public Optional<URI> downloadUrl() {
        return Optional.empty();
      }
    };
  }

  /** The place where a client gets exactly these bytes without the registry. */
  Optional<URI> downloadUrl();
}
