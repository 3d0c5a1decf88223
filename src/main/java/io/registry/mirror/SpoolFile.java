package io.registry.mirror;

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
 * A layer on its way: one writes, many read what is there already and wait for the rest, each at
 * its own pace. The last bytes are not shown before it is known that all are right. The file goes
 * when the last of them has left.
 */
final class SpoolFile {
  /** So much is held back until the layer is found to be right. */
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

  /** A file that is made at {@link #open}; whoever makes it is its first user. */
  SpoolFile(Spool spool) {
    this.spool = spool;
  }

  /**
   * Makes the file.
   *
   * @param size so many bytes will come; negative when that is not known
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

  /** Adds bytes, which those who wait for them read from then on. For one thread. */
  void write(byte[] bytes, int offset, int length) throws IOException {
    RandomAccessFile file;
    lock.lock();
    try {
      reserve(written + length);
      file = Objects.requireNonNull(out, "the file is not open");
    } finally {
      lock.unlock();
    }
    // Nobody reads beyond what is told to be written.
    file.write(bytes, offset, length);
    lock.lock();
    try {
      written += length;
      grown.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Shows the last bytes: the layer is right, and kept. */
  void complete() {
    end(null);
  }

  /** Refuses whatever was not read yet. */
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

  /** Becomes a user of the file, if it has not gone. */
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

  /** Is a user no longer. The last one removes the file. */
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
      log.warn("Could not remove {}, which the next start does: {}", path, e.toString());
    }
    spool.release(reserved);
    reserved = 0;
  }

  /** Opens all of what was written, by its writer, who has ended writing. */
  InputStream again() throws IOException {
    return Files.newInputStream(path());
  }

  /**
   * Opens a part for a user, whose use ends when it is closed.
   *
   * @param offset of the first byte
   * @param length how many bytes; negative for all to the end, wherever that will be
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
   * Waits until there is a byte to read at a position, or it is known that there is none.
   *
   * @return up to where may be read; the position itself at the end
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
