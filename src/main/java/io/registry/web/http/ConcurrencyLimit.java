package io.registry.web.http;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Limits the number of concurrent requests of one kind, with a fair queue. */
final class ConcurrencyLimit {
  private final Places places;
  private final AtomicInteger waiting = new AtomicInteger();
  private int limit;
  private volatile int queue;

  /**
   * Creates a limit.
   *
   * @param limit up to how many requests run concurrently
   * @param queue up to how many more wait
   */
  ConcurrencyLimit(int limit, int queue) {
    this.limit = limit;
    this.queue = queue;
    this.places = new Places(limit);
  }

  /**
   * Enters, in the order of arrival.
   *
   * @param most longest time to wait
   * @return whether the caller has entered; only then it must call {@link #leave}
   */
  boolean enter(Duration most) throws InterruptedException {
    // {@code tryAcquire()} without a time would overtake the requests that wait.
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

  /** Leaves. */
  void leave() {
    places.release();
  }

  /** Changes the limit. Requests that have entered are not affected. */
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
