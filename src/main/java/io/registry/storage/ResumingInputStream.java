package io.registry.storage;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a blob from a remote store: when the connection breaks, or ends too early, the rest is
 * requested from the byte where it stopped. A read that cannot be resumed throws an exception and
 * never returns an end of file.
 */
public final class ResumingInputStream extends InputStream {
  private static final Logger log = LoggerFactory.getLogger(ResumingInputStream.class);

  /** The number of bytes after the last break from which on attempts are counted anew. */
  private static final long PROGRESS = 64 * 1024;

  private static final Backoff BACKOFF = new Backoff(50);

  private final BlobKey key;
  private final Source source;
  private final int attempts;
  private InputStream in;
  private long left;
  private long position;
  private long brokenAt;
  private int breaks;

  /** Requests the rest of a blob. */
  public interface Source {
    /**
     * Opens the rest of the same version of the blob.
     *
     * @param position the first byte wanted, counted from the beginning of this stream
     * @return the bytes from there on; closing it cuts the connection when bytes are left
     * @throws IOException when the store cannot be reached just now
     * @throws StorageException when there is no use in trying again
     */
    InputStream openFrom(long position) throws IOException;

    /** The exception for a read that cannot be continued. */
    StorageException failure(IOException cause);
  }

  /**
   * Creates a stream of exactly that many bytes.
   *
   * @param key the blob
   * @param first the first response's bytes; closed with this stream
   * @param length the number of bytes
   * @param attempts how many times to resume without progress before the stream fails
   * @param source requests the rest
   */
  public ResumingInputStream(
      BlobKey key, InputStream first, long length, int attempts, Source source) {
    this.key = key;
    this.in = first;
    this.left = length;
    this.attempts = attempts;
    this.source = source;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    if (length == 0) {
      return 0;
    }
    if (left == 0) {
      return -1;
    }
    int wanted = (int) Math.min(length, left);
    int count = tryToRead(bytes, offset, wanted);
    position += count;
    left -= count;
    return count;
  }

  private int tryToRead(byte[] bytes, int offset, int wanted) throws IOException {
    while (true) {
      IOException failure;
      try {
        int count = in.read(bytes, offset, wanted);
        if (count > 0) {
          return count;
        }
        failure = new EOFException("the store sent " + left + " bytes less than it announced");
      } catch (IOException e) {
        failure = e;
      }
      resume(failure);
    }
  }

  private void resume(IOException cause) throws IOException {
    IOException failure = cause;
    closeBroken(failure);
    while (true) {
      breaks = position - brokenAt >= PROGRESS ? 1 : breaks + 1;
      brokenAt = position;
      if (breaks > attempts) {
        throw source.failure(failure);
      }
      log.info("Reading {} broke off after {} bytes: {}", key, position, failure.toString());
      pause();
      try {
        in = source.openFrom(position);
        return;
      } catch (IOException e) {
        failure = e;
      }
    }
  }

  private void closeBroken(IOException failure) {
    try {
      in.close();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  private void pause() throws IOException {
    try {
      Thread.sleep(BACKOFF.millis(breaks));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for the store", e);
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
