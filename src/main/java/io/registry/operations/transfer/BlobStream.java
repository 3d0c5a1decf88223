package io.registry.operations.transfer;

import io.registry.storage.Blob;
import java.io.FilterInputStream;

/** The bytes of a blob, which is closed with them. */
final class BlobStream extends FilterInputStream {
  private final Blob blob;

  BlobStream(Blob blob) {
    super(blob.body());
    this.blob = blob;
  }

  @Override
  public void close() {
    blob.close();
  }
}
