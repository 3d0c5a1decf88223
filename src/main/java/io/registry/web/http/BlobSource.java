package io.registry.web.http;

import io.registry.storage.Blob;
import io.registry.storage.BlobInfo;
import io.registry.storage.ByteRange;
import java.net.URI;
import java.util.Optional;

/**
 * A blob that a client asks for: the layer of an image, a file, or bytes that are made while they
 * are sent. Each method may throw what the protocol answers when the blob is not there.
 */
public interface BlobSource {

  /** The size and version of the blob, without opening it. */
  BlobInfo info();

  /**
   * Opens the blob.
   *
   * @param range the bytes wanted
   * @return the blob, which the caller closes
   * @throws io.registry.storage.UnsatisfiableRangeException when the blob ends before the range
   */
  Blob open(ByteRange range);

  /**
   * The place where the client gets the blob without the registry: an absolute URL, or the path
   * that a web server in front of the registry serves.
   */
  default Optional<URI> downloadUrl() {
    return Optional.empty();
  }
}
