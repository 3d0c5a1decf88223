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
 * The images that wait to be compared, shared by all replicas: a stream, from which an image goes
 * when it was compared and not when it is given out. Whoever has one gives signs of life; when they
 * stay out, it is given to another one, and it is itself sure by then not to have it any more. The
 * script beside this class does each step at once. While Redis is away, what is added waits here.
 */
final class RedisDiffQueue implements DiffQueue, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RedisDiffQueue.class);

  /** Between two looks for work, when none is added here. */
  private static final Duration POLL = Duration.ofMillis(500);

  /** In the time until its work is taken over, a worker gives so many signs of life. */
  private static final int SIGNS = 4;

  /** So often the work for an image may be given out: it may be what kills the workers. */
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
   * The queue.
   *
   * @param redis the client, which passes bytes on as they are
   * @param circuit keeps from a Redis that fails
   * @param keys names the keys
   * @param capacity how many may wait
   * @param claim after so long without a sign of life, work is taken over
   * @param upkeep gives the signs of life
   * @param clock measures for how long work is held
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

  // The elements of a reply are what the value serializer makes of them.
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

  /** Adds what was added while Redis was away; does nothing while it still is. */
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

  // A Redis that answers, be it that it does not allow this, is no reason to remember nothing.
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

    /** Until then nobody else gets it, by this process's clock. */
    private volatile long heldUntil;

    private volatile boolean ended;
    private volatile Optional<ScheduledFuture<?>> signs = Optional.empty();

    /**
     * Work that was given out.
     *
     * @param image the image
     * @param entry names it in the stream
     * @param before when it was asked for, or earlier
     */
    Job(ImageId image, String entry, long before) {
      this.image = image;
      this.entry = entry;
      hold(before);
    }

    // Left off before others may take it, so that it is not done twice at a time.
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

    // Given to anybody when no sign of life has come for long enough.
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
        log.info("{} images are compared when somebody asks for it: Redis is away", kept.size());
      }
    }
  }
}
