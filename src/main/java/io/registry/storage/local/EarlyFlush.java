package io.registry.storage.local;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/**
 * Lets the disk take in what was written to a file while more is written, so that the last flush,
 * for which a client waits, has little left to do. For one thread at a time.
 */
final class EarlyFlush {
  /** In bytes. What is smaller is flushed as fast at once. */
  private static final long EVERY = 8L << 20;

  private final FileChannel channel;
  private final ExecutorService executor;
  private Future<?> flush = CompletableFuture.completedFuture(null);
  private long unflushed;

  /**
   * Flushes of a file.
   *
   * @param channel where it is written
   * @param executor flushes, one time after the other
   */
  EarlyFlush(FileChannel channel, ExecutorService executor) {
    this.channel = channel;
    this.executor = executor;
  }

  /**
   * Takes note of bytes that were written.
   *
   * @throws IOException when the disk did not take in those before
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
   * Waits for the flush that is under way. Has to be asked before the last flush is believed: the
   * system tells of bytes that were lost only once.
   *
   * @throws IOException when it failed
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
      Object unused = flush.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException failure ? failure : new IOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("Interrupted while the disk took in what was written");
    }
  }
}
