package io.registry.storage.local;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/**
 * Flushes a file in the background while it is written, so that the last flush, for which a client
 * waits, has little left to do. For one thread at a time.
 */
final class EarlyFlush {
  /** In bytes. Smaller files are flushed as fast at the end. */
  private static final long EVERY = 8L << 20;

  private final FileChannel channel;
  private final ExecutorService executor;
  private Future<?> flush = CompletableFuture.completedFuture(null);
  private long unflushed;

  /**
   * Creates the flushes of a file.
   *
   * @param channel the file
   * @param executor runs the flushes, one at a time
   */
  EarlyFlush(FileChannel channel, ExecutorService executor) {
    this.channel = channel;
    this.executor = executor;
  }

  /**
   * Counts written bytes, and starts a flush when there are enough.
   *
   * @throws IOException when an earlier flush failed
   */
  void written(int bytes) throws IOException {
    unflushed += bytes;
    if (unflushed >= EVERY && flush.isDone()) {
      await();
      unflushed = 0;
      flush =
          executor.submit(
              () -> {
                channel.force(false);
                return true;
              });
    }
  }

  /**
   * Waits for the flush in progress. Call it before relying on the last flush, because the
   * operating system reports lost bytes only once.
   *
   * @throws IOException when the flush failed
   */
  void await() throws IOException {
    await(flush);
  }

  /**
   * Waits for a flush.
   *
   * @throws IOException when it failed
   */
  static void await(Future<?> flush) throws IOException {
    try {
      flush.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException failure ? failure : new IOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("Interrupted while the disk took in what was written");
    }
  }
}
