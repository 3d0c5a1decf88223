package io.registry.storage;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Objects;
import java.util.UUID;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;

/**
 * Buffers a part of a blob for an object store, which requires its length in advance and may need
 * it sent again. A small part is in memory, a larger one in a file that is deleted when the process
 * ends, because it has no name. For one thread at a time.
 */
public final class BlobPart implements AutoCloseable {
  /** The largest part in memory, per upload in progress. */
  static final int IN_MEMORY = 64 * 1024;

  private final Path folder;
  private final MessageDigest digest = DigestUtils.getMd5Digest();
  private byte[] memory = new byte[1024];
  private @Nullable FileChannel file;
  private long size;

  /**
   * Creates an empty part.
   *
   * @param folder where the file is created if necessary
   */
  public BlobPart(Path folder) {
    this.folder = folder;
  }

  /** A part without bytes, which need not be closed. */
  public static BlobPart empty() {
    return new BlobPart(Path.of(""));
  }

  /** The number of bytes. */
  public long size() {
    return size;
  }

  /** The MD5 of the bytes, by which stores verify what they have received. */
  public byte[] md5() {
    try {
      return ((MessageDigest) digest.clone()).digest();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("the digests of the JDK can be cloned", e);
    }
  }

  /**
   * Opens the bytes from the first one on. May be called again; the stream need not be closed.
   *
   * @return the bytes
   */
  public InputStream open() {
    return new Content();
  }

  /**
   * Appends bytes.
   *
   * @throws IOException when the file cannot be written
   */
  public void write(byte[] bytes, int offset, int length) throws IOException {
    if (file == null && size + length > IN_MEMORY) {
      file = createFile();
      put(file, 0, memory, 0, (int) size);
      memory = new byte[0];
    }
    if (file != null) {
      put(file, size, bytes, offset, length);
    } else {
      int needed = (int) size + length;
      if (needed > memory.length) {
        memory = Arrays.copyOf(memory, Math.min(IN_MEMORY, Math.max(needed, 2 * memory.length)));
      }
      System.arraycopy(bytes, offset, memory, (int) size, length);
    }
    digest.update(bytes, offset, length);
    size += length;
  }

  /** Removes all bytes. */
  void clear() {
    digest.reset();
    size = 0;
  }

  @Override
  public void close() throws IOException {
    if (file != null) {
      file.close();
    }
  }

  private FileChannel createFile() throws IOException {
    Files.createDirectories(folder);
    return FileChannel.open(
        folder.resolve("registry-part-" + UUID.randomUUID()),
        StandardOpenOption.CREATE_NEW,
        StandardOpenOption.READ,
        StandardOpenOption.WRITE,
        StandardOpenOption.DELETE_ON_CLOSE);
  }

  private static void put(FileChannel file, long position, byte[] bytes, int offset, int length)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
    for (long at = position; buffer.hasRemaining(); ) {
      at += file.write(buffer, at);
    }
  }

  private final class Content extends InputStream {
    private long position;

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
      int wanted = (int) Math.min(length, size - position);
      if (wanted <= 0) {
        return -1;
      }
      int count = wanted;
      if (file == null) {
        System.arraycopy(memory, (int) position, bytes, offset, wanted);
      } else {
        count = file.read(ByteBuffer.wrap(bytes, offset, wanted), position);
        if (count < 0) {
          throw new IOException("a part became shorter while it was read");
        }
      }
      position += count;
      return count;
    }
  }
}
