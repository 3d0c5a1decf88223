package io.registry.storage;

import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Locks for changes below a key that take several steps: one thread of this process at a time makes
 * them. All keys share a fixed number of locks, so a thread must not hold more than one.
 */
public final class KeyLocks {
  private static final int COUNT = 1024;

  private final ReentrantLock[] locks = new ReentrantLock[COUNT];

  /** Creates locks that are independent of any other instance. */
  public KeyLocks() {
    Arrays.setAll(locks, i -> new ReentrantLock());
  }

  /**
   * Waits for the lock of a key and takes it.
   *
   * @param key identifies what is changed, for example a {@link BlobKey}
   * @return releases the lock when it is closed
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
