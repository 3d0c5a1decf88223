package io.registry.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Writes a blob of unknown length to an object store: in one request when it fits in one part,
 * otherwise part by part. The last part is sent by {@link #commit()}, so that the object cannot be
 * published before.
 */
public abstract class PartedBlobWriter extends BlobWriter {
  private final BlobKey key;
  private final PartSizes sizes;
  private final BlobPart part;
  private int number = 1;
  private long sent;
  private boolean committed;
  private boolean closed;

  /**
   * For drivers.
   *
   * @param key the blob
   * @param sizes the sizes of the parts
   * @param folder where a part is buffered until it is full
   */
  protected PartedBlobWriter(BlobKey key, PartSizes sizes, Path folder) {
    this.key = key;
    this.sizes = sizes;
    this.part = new BlobPart(folder);
  }

  /**
   * Publishes the blob in one request.
   *
   * @param whole the whole blob, which may be empty
   * @return whether it was published, as {@link #commit()}
   */
  protected abstract boolean sendWhole(BlobPart whole);

  /**
   * Sends a part of a blob that has more than one.
   *
   * @param number counted from 1
   * @param offset where it begins in the blob, in bytes
   * @param part the part
   */
  protected abstract void sendPart(int number, long offset, BlobPart part);

  /**
   * Sends the last part and publishes the blob.
   *
   * @param number counted from 1
   * @param offset where it begins in the blob, in bytes
   * @param part the part
   * @return whether it was published, as {@link #commit()}
   */
  protected abstract boolean sendLastPart(int number, long offset, BlobPart part);

  /** Deletes the parts that were sent, if there are any. Best effort: throws nothing. */
  protected abstract void discard();

  /** The exception for a failure of the local file system. */
  protected abstract StorageException localFailure(BlobKey key, IOException cause);

  @Override
  public final void write(byte[] bytes, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    if (closed || committed) {
      throw new IllegalStateException("the writer of " + key + " is closed");
    }
    int from = offset;
    int left = length;
    while (left > 0) {
      if (part.size() == sizes.of(number)) {
        sendPart(number, sent, part);
        sent += part.size();
        number++;
        part.clear();
      }
      int count = (int) Math.min(left, sizes.of(number) - part.size());
      try {
        part.write(bytes, from, count);
      } catch (IOException e) {
        throw localFailure(key, e);
      }
      from += count;
      left -= count;
    }
  }

  @Override
  public final boolean commit() {
    committed = number == 1 ? sendWhole(part) : sendLastPart(number, sent, part);
    return committed;
  }

  @Override
  public final void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      if (!committed) {
        discard();
      }
    } finally {
      closePart();
    }
  }

  private void closePart() {
    try {
      part.close();
    } catch (IOException e) {
      throw localFailure(key, e);
    }
  }
}
