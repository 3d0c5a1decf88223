package io.registry.upstream.v2;

import io.registry.content.manifest.Descriptor;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/**
 * The bytes of a blob. A connection that breaks off is followed by another one, which goes on where
 * the first has ended. Bytes after the size of the blob are not read. Where the size is not known,
 * the end of the answer is that of the blob. The bytes are not compared with their digest.
 */
final class ReceivedStream extends InputStream {
  /** What has to come before a connection counts as one that works. */
  private static final long PROGRESS = 1024 * 1024;

  private final Retries retries;
  private final Opener opener;
  private final long size;
  private InputStream current = InputStream.nullInputStream();
  private boolean isOpen;
  private long position;
  private long fresh;
  private int failures;

  /** Opens the bytes again. */
  interface Opener {
    /** The bytes from a position on. */
    InputStream open(long from) throws IOException;
  }

  ReceivedStream(Retries retries, Opener opener, long size) {
    this.retries = retries;
    this.opener = opener;
    this.size = size;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    boolean isSized = size != Descriptor.UNKNOWN_SIZE;
    while (!isSized || position < size) {
      try {
        if (!isOpen) {
          current = opener.open(position);
          isOpen = true;
        }
        long rest = isSized ? size - position : length;
        int read = current.read(bytes, offset, (int) Math.min(length, rest));
        if (read > 0) {
          position += read;
          fresh += read;
          return read;
        }
        if (!isSized) {
          return -1;
        }
        failed(new IOException("the answer ended after " + position + " bytes"));
      } catch (IOException e) {
        failed(e);
      }
    }
    return -1;
  }

  private void failed(IOException failure) throws IOException {
    current.close();
    isOpen = false;
    if (fresh >= PROGRESS) {
      failures = 0;
    }
    fresh = 0;
    if (++failures >= retries.attempts()) {
      throw new RemoteException("The blob could not be read: " + failure.getMessage(), failure);
    }
    retries.pause(failures, Optional.empty());
  }

  @Override
  public void close() throws IOException {
    current.close();
  }
}
