package io.registry.storage.s3;

import io.registry.storage.BlobWriter;

/** A writer of a blob that must not be there and is, on a store that does not keep conditions. */
final class RefusedBlobWriter extends BlobWriter {

  @Override
  public void write(byte[] bytes, int offset, int length) {}

  @Override
  public boolean commit() {
    return false;
  }

  @Override
  public void close() {}
}
