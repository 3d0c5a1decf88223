package io.registry.upstream.mirror;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.RandomAccessFile;

/** Reads a part of a {@link SpoolFile} for one user; waits for bytes that have not arrived yet. */
final class SpoolInputStream extends InputStream {
  private final SpoolFile spooled;
  private final RandomAccessFile file;
  private final long end;
  private long position;
  private boolean closed;

  SpoolInputStream(SpoolFile spooled, RandomAccessFile file, long offset, long length) {
    this.spooled = spooled;
    this.file = file;
    this.position = offset;
    this.end = length < 0 ? Long.MAX_VALUE : offset + length;
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
    long until = Math.min(end, position < end ? await() : end);
    if (until <= position) {
      return -1;
    }
    file.seek(position);
    int count = file.read(bytes, offset, (int) Math.min(length, until - position));
    if (count < 0) {
      throw new IOException("a spooled file is shorter than it was");
    }
    position += count;
    return count;
  }

  private long await() throws IOException {
    try {
      return spooled.await(position);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while a layer came");
    }
  }

  @Override
  public void close() throws IOException {
    if (!closed) {
      closed = true;
      spooled.leave();
      file.close();
    }
  }
}
