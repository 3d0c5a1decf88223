package io.registry.content.files;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.registry.content.image.ImageId;
import java.time.Duration;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A queue in the memory of this process. Waiting images are lost when it stops, and are queued
 * again on demand.
 */
final class MemoryDiffQueue implements DiffQueue {
  private static final Logger log = LoggerFactory.getLogger(MemoryDiffQueue.class);
  private static final int ATTEMPTS = 3;
  private static final Duration PAUSE = Duration.ofSeconds(30);
  private static final Duration REFUSED_FOR = Duration.ofHours(1);
  private static final int REFUSALS = 10_000;

  private final int capacity;
  private final LongSupplier nanos;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition news = lock.newCondition();
  private final Map<ImageId, Waiting> waiting = new LinkedHashMap<>();
  private final Set<ImageId> taken = new HashSet<>();
  private final Cache<ImageId, Refusal> refusals =
      Caffeine.newBuilder().maximumSize(REFUSALS).expireAfterWrite(REFUSED_FOR).build();

  /**
   * A waiting image.
   *
   * @param attempts the number of attempts so far
   * @param from the time of the next attempt
   */
  private record Waiting(int attempts, long from) {}

  private record Refusal(String layer, String reason) {}

  /**
   * Creates an empty queue.
   *
   * @param capacity up to how many images wait
   * @param nanos a clock that never goes back
   */
  MemoryDiffQueue(int capacity, LongSupplier nanos) {
    this.capacity = capacity;
    this.nanos = nanos;
  }

  @Override
  public void add(ImageId id) {
    lock.lock();
    try {
      if (taken.contains(id) || waiting.containsKey(id)) {
        return;
      }
      if (waiting.size() >= capacity) {
        log.debug("{} is not compared: {} images wait already", id, capacity);
        return;
      }
      put(id, new Waiting(0, nanos.getAsLong()));
    } finally {
      lock.unlock();
    }
  }

  private void put(ImageId id, Waiting state) {
    waiting.put(id, state);
    news.signalAll();
  }

  @Override
  public Optional<DiffJob> take(Duration patience) throws InterruptedException {
    long end = nanos.getAsLong() + patience.toNanos();
    lock.lockInterruptibly();
    try {
      while (true) {
        Optional<DiffJob> job = takeNow();
        long left = end - nanos.getAsLong();
        if (job.isPresent() || left <= 0) {
          return job;
        }
        news.awaitNanos(Math.min(left, PAUSE.toNanos()));
      }
    } finally {
      lock.unlock();
    }
  }

  private Optional<DiffJob> takeNow() {
    Iterator<Map.Entry<ImageId, Waiting>> all = waiting.entrySet().iterator();
    while (all.hasNext()) {
      Map.Entry<ImageId, Waiting> next = all.next();
      if (next.getValue().from() - nanos.getAsLong() <= 0) {
        Job job = new Job(next.getKey(), next.getValue());
        all.remove();
        taken.add(job.image());
        return Optional.of(job);
      }
    }
    return Optional.empty();
  }

  @Override
  public Optional<String> refusal(ImageId id, String layer) {
    return Optional.ofNullable(refusals.getIfPresent(id))
        .filter(refusal -> refusal.layer().equals(layer))
        .map(Refusal::reason);
  }

  @Override
  public long length() {
    lock.lock();
    try {
      return waiting.size();
    } finally {
      lock.unlock();
    }
  }

  private final class Job implements DiffJob {
    private final ImageId image;
    private final Waiting state;

    Job(ImageId image, Waiting state) {
      this.image = image;
      this.state = state;
    }

    @Override
    public ImageId image() {
      return image;
    }

    @Override
    public void done() {
      end(Optional.empty());
    }

    @Override
    public void refuse(String layer, String reason) {
      refusals.put(image, new Refusal(layer, reason));
      end(Optional.empty());
    }

    @Override
    public void retry() {
      int attempts = state.attempts() + 1;
      if (attempts >= ATTEMPTS) {
        log.warn("{} is not compared: that failed {} times", image, attempts);
        end(Optional.empty());
      } else {
        end(Optional.of(new Waiting(attempts, nanos.getAsLong() + PAUSE.toNanos())));
      }
    }

    @Override
    public void release() {
      end(Optional.of(state));
    }

    private void end(Optional<Waiting> back) {
      lock.lock();
      try {
        taken.remove(image);
        back.ifPresent(waits -> put(image, waits));
      } finally {
        lock.unlock();
      }
    }
  }
}
