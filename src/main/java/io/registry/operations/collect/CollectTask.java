package io.registry.operations.collect;

import io.registry.content.liveness.RemovalGuard;
import io.registry.storage.StorageException;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;
import org.springframework.scheduling.support.CronExpression;

/**
 * Lets a server collect: begins when the schedule says so or an admin, goes on with what any
 * process has begun, and keeps what the guard knows fresh.
 */
public final class CollectTask implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(CollectTask.class);
  private static final Duration TICK = Duration.ofSeconds(10);

  private final Collector collector;
  private final RemovalGuard guard;
  private final CollectProperties settings;
  private final ThreadPoolTaskScheduler scheduler;
  private final Clock clock;
  private final AtomicBoolean wanted = new AtomicBoolean();
  private volatile boolean running;
  private @Nullable LocalDateTime next;

  CollectTask(
      Collector collector,
      RemovalGuard guard,
      CollectProperties settings,
      ThreadPoolTaskScheduler scheduler,
      Clock clock) {
    this.collector = collector;
    this.guard = guard;
    this.settings = settings;
    this.scheduler = scheduler;
    this.clock = clock;
  }

  /** Begins a collection soon, unless there is one. */
  public void request() {
    wanted.set(true);
  }

  @Override
  public void start() {
    running = true;
    next = nextBegin();
    var unused = scheduler.scheduleWithFixedDelay(this::refresh, settings.lease().dividedBy(3));
    var unusedToo = scheduler.scheduleWithFixedDelay(this::tick, TICK);
  }

  private void refresh() {
    try {
      guard.refresh();
    } catch (StorageException e) {
      // The next request that needs it asks again, and says so.
      log.debug("The collections of the store could not be read", e);
    }
  }

  private @Nullable LocalDateTime nextBegin() {
    return settings.schedule().isBlank()
        ? null
        : CronExpression.parse(settings.schedule()).next(now());
  }

  private LocalDateTime now() {
    return LocalDateTime.ofInstant(clock.instant(), ZoneId.systemDefault());
  }

  private void tick() {
    LocalDateTime due = next;
    if (due != null && !now().isBefore(due)) {
      next = nextBegin();
      wanted.set(true);
    }
    boolean mayBegin = wanted.get();
    try {
      Optional<Duration> wait = collector.step(mayBegin);
      if (mayBegin && collector.status().state() != CollectStatus.State.PAUSED) {
        wanted.set(wait.isPresent() && collector.status().condemned() == 0);
      }
    } catch (RefusedException e) {
      wanted.set(false);
      log.warn("The collection does nothing: {}", e.getMessage());
    } catch (RuntimeException e) {
      log.warn("The collection goes on later: {}", e.toString());
    }
  }

  @Override
  public void stop() {
    running = false;
    scheduler.shutdown();
  }

  @Override
  public boolean isRunning() {
    return running;
  }
}
