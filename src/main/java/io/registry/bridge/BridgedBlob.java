package io.registry.bridge;

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

  /** The place where a client gets exactly these bytes without the registry. */
  Optional<URI> downloadUrl();
}
