package io.registry.cache;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lettuce.core.RedisCommandExecutionException;
import io.registry.contents.DiffJob;
import io.registry.contents.DiffQueue;
import io.registry.image.ImageId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.io.ClassPathResource;
import org.springframework.data.redis.core.RedisTemplate;
import org.springframework.data.redis.core.script.RedisScript;
import org.springframework.scheduling.TaskScheduler;

/**
 * The queue of images whose layers wait to be compared, shared by all replicas: a Redis stream. An
 * entry is removed when its comparison is done, not when it is handed out. A worker renews its
 * claim on an entry; when renewals stay out, the entry is given to another worker, and the first
 * one knows by its own clock that it has lost it. The Lua script next to this class makes each step
 * atomic. While Redis is unavailable, added images wait in memory.
 */
final class RedisDiffQueue implements DiffQueue, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RedisDiffQueue.class);

  /** How often the queue is polled while no image is added by this process. */
  private static final Duration POLL = Duration.ofMillis(500);

  /** How many renewals a worker sends in the time until its work is taken over. */
  private static final int SIGNS = 4;

  /** How many times an entry may be handed out: its image may be what kills the workers. */
  private static final int DELIVERIES = 3;

  private static final Duration REFUSED_FOR = Duration.ofHours(1);
  private static final Duration GIVEN_UP_FOR = Duration.ofMinutes(10);
  private static final Duration FORGOTTEN_AFTER = Duration.ofHours(1);
  private static final String ANY_LAYER = "";
  private static final RedisScript<List<byte[]>> SCRIPT = script();

  private final RedisTemplate<byte[], byte[]> redis;
  private final RedisCircuit circuit;
  private final RedisKeys keys;
  private final int capacity;
  private final Duration claim;
  private final TaskScheduler upkeep;
  private final MonotonicClock clock;
  private final String consumer = UUID.randomUUID().toString();
  private final Set<ImageId> kept = new LinkedHashSet<>();
  private final Semaphore news = new Semaphore(0);
  private volatile boolean tidied;
  private volatile boolean warned;
  private volatile long length;

  /**
   * Creates the queue.
   *
   * @param redis the client, which passes bytes on unchanged
   * @param circuit the circuit breaker of Redis
   * @param keys names the keys
   * @param capacity up to how many images may wait
   * @param claim after how long without a renewal an entry is taken over
   * @param upkeep runs the renewals
   * @param clock measures how long work is held
   */
  RedisDiffQueue(
      RedisTemplate<byte[], byte[]> redis,
      RedisCircuit circuit,
      RedisKeys keys,
      int capacity,
      Duration claim,
      TaskScheduler upkeep,
      MonotonicClock clock) {
    this.redis = redis;
    this.circuit = circuit;
    this.keys = keys;
    this.capacity = capacity;
    this.claim = claim;
    this.upkeep = upkeep;
    this.clock = clock;
  }

  // The value serializer decides the type of the elements of a reply.
  @SuppressWarnings({"unchecked", "rawtypes"})
  private static RedisScript<List<byte[]>> script() {
    return (RedisScript)
        RedisScript.of(new ClassPathResource("diff-queue.lua", RedisDiffQueue.class), List.class);
  }

  @Override
  public void add(ImageId id) {
    if (!send(id)) {
      keep(id);
    }
    if (news.availablePermits() == 0) {
      news.release();
    }
  }

  private boolean send(ImageId id) {
    Optional<List<String>> reply = run("add", id.value(), String.valueOf(capacity));
    reply.ifPresent(
        told -> {
          length = Long.parseLong(told.get(1));
          if (told.get(0).equals("full")) {
            log.debug("{} is not compared: {} images wait already", id, capacity);
          }
        });
    return reply.isPresent();
  }

  private void keep(ImageId id) {
    synchronized (kept) {
      if (kept.size() < capacity) {
        boolean unused = kept.add(id);
      }
    }
  }

  /**
   * Sends the images that were added while Redis was unavailable; does nothing while it still is.
   */
  void sendKept() {
    for (Optional<ImageId> id = firstKept(); id.isPresent(); id = firstKept()) {
      if (circuit.isOpen() || !send(id.get())) {
        return;
      }
      synchronized (kept) {
        boolean unused = kept.remove(id.get());
      }
    }
  }

  private Optional<ImageId> firstKept() {
    synchronized (kept) {
      return kept.stream().findFirst();
    }
  }

  @Override
  public Optional<DiffJob> take(Duration patience) throws InterruptedException {
    long end = clock.nanos() + patience.toNanos();
    while (true) {
      int unused = news.drainPermits();
      sendKept();
      tidy();
      Optional<DiffJob> job = takeNow();
      long left = end - clock.nanos();
      if (job.isPresent() || left <= 0) {
        return job;
      }
      boolean any = news.tryAcquire(Math.min(left, POLL.toNanos()), TimeUnit.NANOSECONDS);
      log.trace("Looks for images to compare, told: {}", any);
    }
  }

  private Optional<DiffJob> takeNow() {
    long before = clock.nanos();
    Optional<List<String>> reply = run("take", consumer, String.valueOf(claim.toMillis()));
    if (reply.isEmpty()) {
      return Optional.empty();
    }
    List<String> told = reply.get();
    length = Long.parseLong(told.get(told.size() - 1));
    if (!told.get(0).equals("job")) {
      return Optional.empty();
    }
    Job job = new Job(new ImageId(told.get(2)), told.get(1), before);
    if (Integer.parseInt(told.get(3)) > DELIVERIES) {
      log.warn("{} is not compared: that failed {} times", job.image(), DELIVERIES);
      job.refuse(ANY_LAYER, "The layer could not be read", GIVEN_UP_FOR);
      return Optional.empty();
    }
    job.begin();
    return Optional.of(job);
  }

  private void tidy() {
    if (!tidied) {
      tidied = run("tidy", consumer, String.valueOf(FORGOTTEN_AFTER.toMillis())).isPresent();
    }
  }

  @Override
  public Optional<String> refusal(ImageId id, String layer) {
    byte[] key = keys.diffRefusal(id.value()).getBytes(UTF_8);
    return call(() -> Optional.ofNullable(redis.opsForValue().get(key)))
        .map(value -> new String(value, UTF_8).split("\n", 2))
        .filter(parts -> parts.length == 2)
        .filter(parts -> parts[0].equals(layer) || parts[0].equals(ANY_LAYER))
        .map(parts -> parts[1]);
  }

  @Override
  public long length() {
    synchronized (kept) {
      return length + kept.size();
    }
  }

  private Optional<List<String>> run(String operation, String... arguments) {
    return call(
        () ->
            Optional.of(execute(List.of(keys.diffs(), keys.diffsQueued()), operation, arguments)));
  }

  // A Redis that answers, even with an error, must not open the circuit and thereby stop caching.
  private <V> Optional<V> call(Supplier<Optional<V>> command) {
    return circuit.call(
        () -> {
          try {
            return command.get();
          } catch (RuntimeException e) {
            Throwable cause = NestedExceptionUtils.getMostSpecificCause(e);
            if (!(cause instanceof RedisCommandExecutionException)) {
              throw e;
            }
            if (!warned) {
              warned = true;
              log.warn("Images are not compared: Redis says {}", cause.getMessage());
            }
            return Optional.empty();
          }
        });
  }

  private List<String> execute(List<String> names, String operation, String... arguments) {
    List<byte[]> all = new ArrayList<>(List.of(operation.getBytes(UTF_8)));
    for (String argument : arguments) {
      all.add(argument.getBytes(UTF_8));
    }
    List<byte[]> reply =
        redis.execute(
            SCRIPT, names.stream().map(name -> name.getBytes(UTF_8)).toList(), all.toArray());
    if (reply == null) {
      throw new IllegalStateException("Redis said nothing");
    }
    return reply.stream().map(each -> new String(each, UTF_8)).toList();
  }

  private final class Job implements DiffJob {
    private final ImageId image;
    private final String entry;

    /** Until then no other worker gets the entry, by this process's clock. */
    private volatile long heldUntil;

    private volatile boolean ended;
    private volatile Optional<ScheduledFuture<?>> signs = Optional.empty();

    /**
     * Creates a job for an entry that was handed out.
     *
     * @param image the image
     * @param entry the id of the stream entry
     * @param before the time at or before the request for it
     */
    Job(ImageId image, String entry, long before) {
      this.image = image;
      this.entry = entry;
      hold(before);
    }

    // Ends before another worker may take it over, so that two never compare the same image.
    private void hold(long from) {
      heldUntil = from + claim.toNanos() * (SIGNS - 1) / SIGNS;
    }

    void begin() {
      signs = Optional.of(upkeep.scheduleWithFixedDelay(this::giveSign, claim.dividedBy(SIGNS)));
    }

    private void giveSign() {
      long before = clock.nanos();
      Optional<List<String>> reply = run("renew", consumer, entry, image.value());
      if (reply.isPresent() && !ended) {
        if (reply.get().get(0).equals("held")) {
          hold(before);
        } else {
          log.info("{} is compared by another replica", image);
          end();
        }
      }
    }

    private void end() {
      ended = true;
      signs.ifPresent(
          task -> {
            boolean unused = task.cancel(false);
          });
    }

    @Override
    public ImageId image() {
      return image;
    }

    @Override
    public boolean isHeld() {
      return !ended && clock.nanos() - heldUntil < 0;
    }

    @Override
    public void done() {
      end();
      Optional<List<String>> unused = run("done", consumer, entry, image.value());
    }

    @Override
    public void refuse(String layer, String reason) {
      refuse(layer, reason, REFUSED_FOR);
    }

    void refuse(String layer, String reason, Duration time) {
      end();
      Optional<List<String>> unused =
          call(
              () ->
                  Optional.of(
                      execute(
                          List.of(
                              keys.diffs(), keys.diffsQueued(), keys.diffRefusal(image.value())),
                          "refuse",
                          consumer,
                          entry,
                          image.value(),
                          layer + "\n" + reason,
                          String.valueOf(time.toMillis()))));
    }

    // The entry is handed out again when it has not been renewed for long enough.
    @Override
    public void retry() {
      end();
    }

    @Override
    public void release() {
      end();
      Optional<List<String>> unused =
          run("release", consumer, entry, String.valueOf(claim.toMillis()));
    }
  }

  @Override
  public void close() {
    synchronized (kept) {
      if (!kept.isEmpty()) {
        log.info("{} images are compared on demand only: Redis is unavailable", kept.size());
      }
    }
  }
}
