package io.registry.storage;

import java.io.OutputStream;

/**
 * A blob that is being written. Nobody sees any of it before {@link #commit()} returns; closing it
 * without that leaves the store as it was. For one thread at a time.
 */
public abstract class BlobWriter extends OutputStream {

  /** For drivers. */
  protected BlobWriter() {}

  @Override
  public final void write(int b) {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public final void write(byte[] bytes) {
    write(bytes, 0, bytes.length);
  }

  /**
   * Adds bytes.
   *
   * @throws StorageException when the store cannot take them
   */
  @Override
  public abstract void write(byte[] bytes, int offset, int length);

  /**
   * Publishes what was written, in place of any blob of that key, as a whole. When this returns,
   * the blob survives a crash of the process and of the machine.
   *
   * @return false when nothing was published, because the writer is one of {@link
   *     BlobStorage#createIfAbsent} and there is a blob; else true
   * @throws StorageException when the store cannot; the old blob, or its absence, then stays
   */
  public abstract boolean commit();

  /** Throws away what was written, unless it was committed. */
  @Override
  public abstract void close();
}
