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

/** A temporary file on its way to become a blob. */
final class LocalBlobWriter extends BlobWriter {
  private static final Logger log = LoggerFactory.getLogger(LocalBlobWriter.class);

  private final Publication publication;
  private final BlobKey key;
  private final Path temporary;
  private final FileChannel channel;
  private final EarlyFlush flush;

  /** Gives a finished file the name of the blob; false when it may not. */
  interface Publication {
    boolean publish(Path temporary, BlobKey key) throws IOException;
  }

  LocalBlobWriter(Publication publication, BlobKey key, Path temporary, ExecutorService flushes)
      throws IOException {
    this.publication = publication;
    this.key = key;
    this.temporary = temporary;
    this.channel =
        FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    this.flush = new EarlyFlush(channel, flushes);
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
      throw LocalBlobStorage.failure("write", key, e);
    }
  }

  @Override
  public boolean commit() {
    try {
      flush.await();
      channel.force(true);
      channel.close();
      return publication.publish(temporary, key);
    } catch (IOException e) {
      throw LocalBlobStorage.failure("write", key, e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      // Not worth failing a request for: the next start of the registry sweeps it away.
      log.warn("Could not remove the temporary file {}: {}", temporary, e.toString());
    }
  }
}
