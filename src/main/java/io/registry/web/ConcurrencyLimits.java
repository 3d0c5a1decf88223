package io.registry.web;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.registry.control.Capacity;
import io.registry.problem.Problem;
import io.registry.problem.RetryLaterException;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** Limits how many requests of each kind run concurrently. */
public final class ConcurrencyLimits implements Capacity {
  /**
   * A signal raises or lowers a limit by this fraction (a quarter) of its setting, like one of the
   * four workers of the original.
   */
  private static final int STEPS = 4;

  private static final int MOST_STEPS = 3 * STEPS;
  private static final Duration RETRY_AFTER = Duration.ofSeconds(10);

  private final CurrentLimits limits;
  private final ThreadShares shares;
  private final Map<WorkKind, ConcurrencyLimit> kinds = new EnumMap<>(WorkKind.class);
  private final Map<WorkKind, Counter> refusals = new EnumMap<>(WorkKind.class);
  private int steps;

  /**
   * Creates the limits.
   *
   * @param limits the settings
   * @param shares the bounds that the thread pool sets
   * @param meters the metrics
   */
  ConcurrencyLimits(CurrentLimits limits, ThreadShares shares, MeterRegistry meters) {
    this.limits = limits;
    this.shares = shares;
    for (WorkKind kind : WorkKind.values()) {
      ConcurrencyLimit limit = new ConcurrencyLimit(limit(kind), queue(kind));
      kinds.put(kind, limit);
      watch(kind, limit, meters);
    }
  }

  /**
   * Waits until a request of the kind may run. After it, call {@link #leave}.
   *
   * @throws RetryLaterException when the wait is too long or too many requests wait
   */
  public void enter(WorkKind kind) {
    try {
      if (of(kind).enter(limits.get().concurrency().patience())) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Counter counter = refusals.get(kind);
    if (counter != null) {
      counter.increment();
    }
    throw new RetryLaterException(
        Problem.UNAVAILABLE, "The registry is busy: try again later", RETRY_AFTER);
  }

  /** Ends a request of the kind. */
  public void leave(WorkKind kind) {
    of(kind).leave();
  }

  @Override
  public synchronized String raise() {
    steps = Math.min(steps + 1, MOST_STEPS);
    return resize();
  }

  @Override
  public synchronized String lower() {
    steps = Math.max(steps - 1, 1 - STEPS);
    return resize();
  }

  /** Resets the limits to the settings. */
  synchronized String reset() {
    steps = 0;
    return resize();
  }

  private String resize() {
    kinds.forEach((kind, limit) -> limit.resize(limit(kind), queue(kind)));
    return Arrays.stream(WorkKind.values())
        .map(kind -> kind.label() + " " + of(kind).limit())
        .collect(Collectors.joining(", "));
  }

  private int limit(WorkKind kind) {
    int set = limits.get().concurrency().of(kind);
    int step = (set + STEPS - 1) / STEPS;
    return shares.limit(kind, Math.max(1, set + steps * step));
  }

  private int queue(WorkKind kind) {
    return shares.queue(kind, limit(kind), limits.get().concurrency().queue());
  }

  private ConcurrencyLimit of(WorkKind kind) {
    ConcurrencyLimit limit = kinds.get(kind);
    if (limit == null) {
      throw new IllegalStateException("no limit for " + kind);
    }
    return limit;
  }

  private void watch(WorkKind kind, ConcurrencyLimit limit, MeterRegistry meters) {
    gauge("registry.limits.in.use", limit, ConcurrencyLimit::inUse, kind, meters);
    gauge("registry.limits.waiting", limit, ConcurrencyLimit::waiting, kind, meters);
    gauge("registry.limits.limit", limit, ConcurrencyLimit::limit, kind, meters);
    refusals.put(
        kind,
        Counter.builder("registry.limits.refused").tag("kind", kind.label()).register(meters));
  }

  private static void gauge(
      String name,
      ConcurrencyLimit limit,
      ToDoubleFunction<ConcurrencyLimit> value,
      WorkKind kind,
      MeterRegistry meters) {
    Gauge.builder(name, limit, value).tag("kind", kind.label()).register(meters);
  }
}
