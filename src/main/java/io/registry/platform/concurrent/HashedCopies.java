package io.registry.platform.concurrent;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.Collection;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.Semaphore;

/**
 * Copies bytes and hashes them. For some of the copies that get their bytes fast, another processor
 * hashes one block while the next one is read and written; hashing takes about as long as both.
 */
public final class HashedCopies {
  private static final int SMALL_BLOCK = 64 * 1024;

  /** Handing over smaller blocks costs more than it saves. */
  private static final int LARGE_BLOCK = 256 * 1024;

  /** In bytes. The memory for large blocks costs such a copy more than they save. */
  private static final long SMALL_COPY = 1 << 20;

  private static final long FAST_BYTES_PER_SECOND = 16 << 20;

  /** A client that stalls keeps its large blocks, so their number is bounded. */
  private final Semaphore large = new Semaphore(2 * Runtime.getRuntime().availableProcessors());

  /**
   * Copies a stream to its end.
   *
   * @param in the bytes; not closed
   * @param out receives the same bytes, in blocks that it must not keep; not closed
   * @param hashes are updated with them
   * @return how many bytes there were
   * @throws IOException when reading or writing fails; the hashes have any state then
   */
  public long copy(InputStream in, OutputStream out, Collection<MessageDigest> hashes)
      throws IOException {
    try (Copy copy = new Copy(hashes)) {
      return copy.run(in, out);
    }
  }

  private final class Copy implements AutoCloseable {
    private final Collection<MessageDigest> hashes;
    private byte[] block = new byte[SMALL_BLOCK];
    private byte[] other = {};
    private boolean hasPermit;
    private ForkJoinTask<?> hashing = ForkJoinTask.adapt(() -> {});

    Copy(Collection<MessageDigest> hashes) {
      this.hashes = hashes;
      hashing.invoke();
    }

    long run(InputStream in, OutputStream out) throws IOException {
      long count = 0;
      while (true) {
        long began = System.nanoTime();
        int length = in.readNBytes(block, 0, block.length);
        long nanos = System.nanoTime() - began;
        hashing.join();
        hash(block, length);
        out.write(block, 0, length);
        count += length;
        if (length < block.length) {
          return count;
        }
        chooseBlock(count >= SMALL_COPY && length * 1_000_000_000L / FAST_BYTES_PER_SECOND > nanos);
      }
    }

    private void hash(byte[] bytes, int length) {
      if (length < LARGE_BLOCK) {
        hashes.forEach(hash -> hash.update(bytes, 0, length));
      } else {
        hashing = ForkJoinTask.adapt(() -> hashes.forEach(hash -> hash.update(bytes, 0, length)));
        // Where no other processor is free, this thread runs it when it joins.
        hashing.fork();
      }
    }

    private void chooseBlock(boolean fast) {
      if (fast && !hasPermit) {
        hasPermit = large.tryAcquire();
        if (hasPermit) {
          block = new byte[LARGE_BLOCK];
          other = new byte[LARGE_BLOCK];
        }
      } else if (fast) {
        byte[] full = block;
        block = other;
        other = full;
      } else if (hasPermit) {
        close();
        block = new byte[SMALL_BLOCK];
        other = new byte[0];
      }
    }

    @Override
    public void close() {
      hashing.join();
      if (hasPermit) {
        large.release();
        hasPermit = false;
      }
    }
  }
}
