package io.registry.storage.local;

import io.registry.storage.BlobKey;
import io.registry.storage.BlobWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes a blob to a temporary file. */
final class LocalBlobWriter extends BlobWriter {
  private static final Logger log = LoggerFactory.getLogger(LocalBlobWriter.class);

  private final Publication publication;
  private final BlobKey key;
  private final Path temporary;
  private final FileChannel channel;
  private final EarlyFlush flush;
  private final boolean synced;

  /** Moves a complete file to the name of the blob; false when it may not. */
  interface Publication {
    boolean publish(Path temporary, BlobKey key) throws IOException;
  }

  /**
   * Creates the temporary file.
   *
   * @param publication runs when the file is complete
   * @param key the blob
   * @param temporary the file
   * @param flushes flushes a large file while it is written
   * @param synced whether all bytes must be on the disk before the blob is published
   */
  LocalBlobWriter(
      Publication publication, BlobKey key, Path temporary, ExecutorService flushes, boolean synced)
      throws IOException {
    this.publication = publication;
    this.key = key;
    this.temporary = temporary;
    this.channel =
        FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    this.flush = new EarlyFlush(channel, flushes);
    this.synced = synced;
  }

  @Override
  public void write(byte[] bytes, int offset, int length) {
    try {
      ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      flush.written(length);
    } catch (IOException e) {
      throw LocalFailures.failure("write", key, e);
    }
  }

  @Override
  public boolean commit() {
    try {
      flush.await();
      if (synced) {
        channel.force(true);
      }
      channel.close();
      return publication.publish(temporary, key);
    } catch (IOException e) {
      throw LocalFailures.failure("write", key, e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      // Not worth failing a request for: the next start of the registry deletes the file.
      log.warn("Could not remove the temporary file {}: {}", temporary, e.toString());
    }
  }
}
