package io.registry.storage;

import java.io.OutputStream;

/**
 * Writes a blob. Readers see none of it before {@link #commit()} returns; closing the writer
 * without a commit leaves the store unchanged. For one thread at a time.
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
   * Appends bytes.
   *
   * @throws StorageException when the store cannot accept them
   */
  @Override
  public abstract void write(byte[] bytes, int offset, int length);

  /**
   * Publishes the whole blob atomically, replacing any blob of that key. When this returns, the
   * blob survives a crash of the process and of the machine.
   *
   * @return false when nothing was published, because the writer is one of {@link
   *     BlobStorage#createIfAbsent} and there is a blob; else true
   * @throws StorageException when the store fails; the old blob, or its absence, then stays
   */
  public abstract boolean commit();

  /** Discards what was written, unless it was committed. */
  @Override
  public abstract void close();
}
