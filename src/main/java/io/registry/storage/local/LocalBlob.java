package io.registry.storage.local;

import io.registry.storage.Blob;
import io.registry.storage.BlobKey;
import io.registry.storage.ByteRange;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/** A part of an open file. */
final class LocalBlob implements Blob {
  private final BlobKey key;
  private final Path file;
  private final FileChannel channel;
  private final long size;
  private final long offset;
  private final long length;
  private final String version;

  LocalBlob(
      BlobKey key, Path file, FileChannel channel, long size, ByteRange range, String version) {
    this.key = key;
    this.file = file;
    this.channel = channel;
    this.size = size;
    this.offset = range.offset(size);
    this.length = range.length(size);
    this.version = version;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public long offset() {
    return offset;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public String version() {
    return version;
  }

  @Override
  public InputStream body() {
    return new Body();
  }

  @Override
  public Optional<Path> file() {
    return Optional.of(file);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw LocalFailures.failure("close", key, e);
    }
  }

  private final class Body extends InputStream {
    private long position = offset;

    @Override
    public int read() {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int from, int count) {
      Objects.checkFromIndexSize(from, count, bytes.length);
      long left = offset + length - position;
      if (count == 0) {
        return 0;
      }
      if (left <= 0) {
        return -1;
      }
      int wanted = (int) Math.min(count, left);
      int read = read(ByteBuffer.wrap(bytes, from, wanted));
      position += read;
      return read;
    }

    private int read(ByteBuffer bytes) {
      try {
        int read = channel.read(bytes, position);
        if (read < 0) {
          throw new EOFException(file + " became shorter while it was read");
        }
        return read;
      } catch (IOException e) {
        throw LocalFailures.failure("read", key, e);
      }
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
