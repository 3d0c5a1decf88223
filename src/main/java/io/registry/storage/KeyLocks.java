package io.registry.storage;

import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets one thread of this process at a time change the blobs below a key, for changes that take
 * more than one step. A fixed number of locks is shared by all keys, so a thread must hold no more
 * than one of them.
 */
public final class KeyLocks {
  private static final int COUNT = 1024;

  private final ReentrantLock[] locks = new ReentrantLock[COUNT];

  /** Locks of its own, independent of any other instance. */
  public KeyLocks() {
    Arrays.setAll(locks, i -> new ReentrantLock());
  }

  /**
   * Waits for the lock of a key and takes it.
   *
   * @param key what the change is about, a {@link BlobKey} for one
   * @return closes to give the lock back
   */
  public Held lock(Object key) {
    ReentrantLock lock = locks[Math.floorMod(key.hashCode(), COUNT)];
    lock.lock();
    return lock::unlock;
  }

  /** A lock that is held until it is closed, by the thread that took it. */
  public interface Held extends AutoCloseable {
    @Override
    void close();
  }
}
