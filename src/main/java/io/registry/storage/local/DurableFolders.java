package io.registry.storage.local;

import io.registry.storage.KeyLocks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.FutureTask;

/**
 * Makes entries of folders survive a power failure with as few flushes as possible: threads that
 * wait for the same folder share one, and a folder whose own entry has reached the disk is
 * remembered.
 */
final class DurableFolders implements AutoCloseable {
  /** Each known folder takes an open file. */
  private static final int MOST_KNOWN = 256;

  private final KeyLocks locks = new KeyLocks();

  /** Flushes that have not begun, so that they cover everything done until now. */
  private final Map<Path, FutureTask<Boolean>> pending = new ConcurrentHashMap<>();

  private final Map<Path, Known> known =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Path, Known> eldest) {
          boolean tooMany = size() > MOST_KNOWN;
          if (tooMany) {
            release(eldest.getValue());
          }
          return tooMany;
        }
      };

  /**
   * A folder whose entry in its parent has reached the disk.
   *
   * @param identity distinguishes it from another folder of the same name
   * @param open keeps the file system from giving a later folder the same identity
   */
  private record Known(Object identity, FileChannel open) {}

  /**
   * Flushes a folder: entries that were added, renamed or removed before survive a power failure. A
   * missing folder needs no flush.
   */
  void flush(Path folder) throws IOException {
    while (true) {
      FutureTask<Boolean> flush = pending.computeIfAbsent(folder, this::next);
      // Returns at once when another thread runs it, or has run it.
      flush.run();
      try {
        EarlyFlush.await(flush);
        return;
      } catch (ClosedByInterruptException e) {
        // Otherwise the interrupt was for another thread, which ran the flush for this one, too.
        if (Thread.currentThread().isInterrupted()) {
          throw e;
        }
      }
    }
  }

  private FutureTask<Boolean> next(Path folder) {
    return new FutureTask<>(
        () -> {
          // Threads that arrive while the previous flush runs gather at the lock, and share the
          // next flush.
          try (KeyLocks.Held held = locks.lock(folder)) {
            pending.remove(folder);
            return force(folder);
          }
        });
  }

  private static boolean force(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
      return true;
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /**
   * Flushes the parent of a folder, unless the entry of the folder is known to have reached the
   * disk.
   */
  void keepEntry(Path folder) throws IOException {
    Optional<Object> identity = identity(folder);
    if (identity.isPresent() && isKnown(folder, identity.get())) {
      return;
    }
    FileChannel open;
    try {
      open = FileChannel.open(folder, StandardOpenOption.READ);
    } catch (NoSuchFileException e) {
      return;
    }
    boolean remembered = false;
    try {
      flush(StoreFolders.parent(folder));
      if (identity.isPresent() && identity(folder).equals(identity)) {
        remember(folder, new Known(identity.get(), open));
        remembered = true;
      }
    } finally {
      if (!remembered) {
        open.close();
      }
    }
  }

  // Empty for a missing folder, and on file systems without file identities.
  private static Optional<Object> identity(Path folder) throws IOException {
    try {
      return Optional.ofNullable(Files.readAttributes(folder, BasicFileAttributes.class).fileKey());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private boolean isKnown(Path folder, Object identity) {
    synchronized (known) {
      Known found = known.get(folder);
      return found != null && found.identity().equals(identity);
    }
  }

  private void remember(Path folder, Known entry) {
    synchronized (known) {
      Known before = known.put(folder, entry);
      if (before != null) {
        release(before);
      }
    }
  }

  private static void release(Known entry) {
    try {
      entry.open().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    synchronized (known) {
      known.values().forEach(DurableFolders::release);
      known.clear();
    }
  }
}
