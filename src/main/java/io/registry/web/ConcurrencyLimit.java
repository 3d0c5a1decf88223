package io.registry.web;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** So many at the same time. Who has to wait goes in when those have who came before. */
final class ConcurrencyLimit {
  private final Places places;
  private final AtomicInteger waiting = new AtomicInteger();
  private int limit;
  private volatile int queue;

  /**
   * A limit.
   *
   * @param limit so many may be in
   * @param queue so many more may wait
   */
  ConcurrencyLimit(int limit, int queue) {
    this.limit = limit;
    this.queue = queue;
    this.places = new Places(limit);
  }

  /**
   * Goes in, after those who came before.
   *
   * @param most longest time to wait
   * @return whether there was a place; when not, nobody may leave
   */
  boolean enter(Duration most) throws InterruptedException {
    // Without a time, a semaphore lets whoever comes overtake those who wait.
    if (places.tryAcquire(0, TimeUnit.NANOSECONDS)) {
      return true;
    }
    if (waiting.incrementAndGet() > queue) {
      waiting.decrementAndGet();
      return false;
    }
    try {
      return places.tryAcquire(most.toNanos(), TimeUnit.NANOSECONDS);
    } finally {
      waiting.decrementAndGet();
    }
  }

  /** Gives a place back. */
  void leave() {
    places.release();
  }

  /** Changes how many may be in. Nobody who is in has to leave. */
  synchronized void resize(int nextLimit, int nextQueue) {
    if (nextLimit > limit) {
      places.release(nextLimit - limit);
    } else {
      places.reduce(limit - nextLimit);
    }
    limit = nextLimit;
    queue = nextQueue;
  }

  synchronized int limit() {
    return limit;
  }

  synchronized int inUse() {
    return limit - places.availablePermits();
  }

  int waiting() {
    return waiting.get();
  }

  private static final class Places extends Semaphore {
    private static final long serialVersionUID = 1L;

    Places(int count) {
      super(count, true);
    }

    void reduce(int count) {
      reducePermits(count);
    }
  }
}
