package io.registry.upstream.mirror;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A layer while it is fetched: one thread writes it, and many read what has arrived and wait for
 * the rest, each at its own speed. The last bytes are withheld until the whole layer is verified.
 * The file is deleted when its last user has left.
 */
final class SpoolFile {
  /** The number of bytes that are withheld until the layer is verified. */
  static final int HELD_BACK = 64 * 1024;

  private static final Logger log = LoggerFactory.getLogger(SpoolFile.class);

  private final Spool spool;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition grown = lock.newCondition();
  private @Nullable Path path;
  private @Nullable RandomAccessFile out;
  private long reserved;
  private long written;
  private int users = 1;
  private boolean complete;
  private @Nullable RuntimeException failure;

  /** Creates a file whose first user is the caller; {@link #open} creates it on the disk. */
  SpoolFile(Spool spool) {
    this.spool = spool;
  }

  /**
   * Creates the file on the disk.
   *
   * @param size its expected size in bytes; negative when it is not known
   */
  void open(long size) throws IOException {
    lock.lock();
    try {
      reserve(Math.max(0, size));
      Path file = spool.create();
      path = file;
      out = new RandomAccessFile(file.toFile(), "rw");
    } finally {
      lock.unlock();
    }
  }

  private void reserve(long bytes) {
    if (bytes > reserved) {
      spool.reserve(bytes - reserved);
      reserved = bytes;
    }
  }

  /** Appends bytes and wakes the readers that wait for them. For one thread. */
  void write(byte[] bytes, int offset, int length) throws IOException {
    RandomAccessFile file;
    lock.lock();
    try {
      reserve(written + length);
      file = Objects.requireNonNull(out, "the file is not open");
    } finally {
      lock.unlock();
    }
    // Readers stay within the published length, which is updated after the write.
    file.write(bytes, offset, length);
    lock.lock();
    try {
      written += length;
      grown.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Releases the last bytes: the layer is verified and stored. */
  void complete() {
    end(null);
  }

  /** Makes all further reads fail. */
  void fail(RuntimeException why) {
    end(why);
  }

  private void end(@Nullable RuntimeException why) {
    lock.lock();
    try {
      complete = why == null;
      failure = why;
      grown.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Becomes a user of the file, unless it was deleted. */
  boolean enter() {
    lock.lock();
    try {
      if (users == 0) {
        return false;
      }
      users++;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Ends the use of the file. The last user deletes it. */
  void leave() {
    lock.lock();
    try {
      users--;
      if (users == 0) {
        remove();
      }
    } finally {
      lock.unlock();
    }
  }

  private void remove() {
    try {
      if (out != null) {
        out.close();
      }
      if (path != null) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      log.warn("Could not delete {}; the next start deletes it: {}", path, e.toString());
    }
    spool.release(reserved);
    reserved = 0;
  }

  /** Reads all of the file, for the writer after it has written the end. */
  InputStream again() throws IOException {
    return Files.newInputStream(path());
  }

  /**
   * Opens a part for a user, whose use ends when the stream is closed.
   *
   * @param offset the position of the first byte
   * @param length the number of bytes; negative for all to the end, which may not be known yet
   */
  InputStream read(long offset, long length) {
    try {
      return new SpoolInputStream(this, new RandomAccessFile(path().toFile(), "r"), offset, length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path path() throws IOException {
    lock.lock();
    try {
      if (path == null) {
        throw new IOException("the file is not open");
      }
      return path;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until there is a byte at a position, or until it is known that there is none.
   *
   * @return the end of the readable bytes; the position itself at the end of the file
   */
  long await(long position) throws InterruptedException {
    lock.lock();
    try {
      while (!complete && failure == null && written - HELD_BACK <= position) {
        grown.await();
      }
      if (failure != null) {
        throw failure;
      }
      return complete ? Math.max(written, position) : written - HELD_BACK;
    } finally {
      lock.unlock();
    }
  }
}
