package io.registry.web.http;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.registry.access.auth.ClientNetworks;
import io.registry.operations.control.Capacity;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RetryLaterException;
import io.registry.web.http.LimitProperties.Concurrency;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
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
  private final Map<WorkKind, ClientShares> addresses = new EnumMap<>(WorkKind.class);
  private final Map<WorkKind, ClientShares> accounts = new EnumMap<>(WorkKind.class);
  private final Map<WorkKind, Counter> refusals = new EnumMap<>(WorkKind.class);
  private final Semaphore threads;
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
    this.threads = new Semaphore(shares.bounded());
    for (WorkKind kind : WorkKind.values()) {
      ConcurrencyLimit limit = new ConcurrencyLimit(limit(kind), queue(kind));
      kinds.put(kind, limit);
      addresses.put(kind, new ClientShares());
      accounts.put(kind, new ClientShares());
      watch(kind, limit, meters);
    }
  }

  /**
   * Waits until a request of the kind may run: first until its client runs fewer requests than its
   * share, then among all clients.
   *
   * @param address the address of the client
   * @return the place, to be closed after the request
   * @throws RetryLaterException when the wait is too long or too many requests wait
   */
  public Place enter(WorkKind kind, String address) {
    Place place = new Place(this, kind);
    try {
      if (!threads.tryAcquire()) {
        throw busy(kind);
      }
      place.hold(threads::release);
      enterShare(place, kind, addresses, ClientNetworks.of(address));
      enterKind(place, kind);
      return place;
    } catch (RetryLaterException e) {
      place.close();
      throw e;
    }
  }

  // Others use the place while the request waits for its account.
  void share(Place place, WorkKind kind, String account) {
    place.release();
    enterShare(place, kind, accounts, account);
    enterKind(place, kind);
  }

  private void enterShare(
      Place place, WorkKind kind, Map<WorkKind, ClientShares> clients, String client) {
    Concurrency settings = limits.get().concurrency();
    ClientShares known = of(clients, kind);
    await(
        kind,
        () ->
            known.enter(
                client,
                settings.share(limit(kind)),
                settings.share(queue(kind)),
                settings.patience()));
    place.hold(() -> known.leave(client));
  }

  private void enterKind(Place place, WorkKind kind) {
    ConcurrencyLimit limit = of(kinds, kind);
    await(kind, () -> limit.enter(limits.get().concurrency().patience()));
    place.hold(limit::leave);
  }

  private interface Entry {
    boolean enter() throws InterruptedException;
  }

  private void await(WorkKind kind, Entry entry) {
    try {
      if (entry.enter()) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw busy(kind);
  }

  private RetryLaterException busy(WorkKind kind) {
    of(refusals, kind).increment();
    return new RetryLaterException(
        Problem.UNAVAILABLE, "The registry is busy: try again later", RETRY_AFTER);
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
        .map(kind -> kind.label() + " " + of(kinds, kind).limit())
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

  private static <T> T of(Map<WorkKind, T> kinds, WorkKind kind) {
    T found = kinds.get(kind);
    if (found == null) {
      throw new IllegalStateException("nothing for " + kind);
    }
    return found;
  }

  private int waiting(WorkKind kind) {
    return of(kinds, kind).waiting() + of(addresses, kind).waiting() + of(accounts, kind).waiting();
  }

  private void watch(WorkKind kind, ConcurrencyLimit limit, MeterRegistry meters) {
    gauge("registry.limits.in.use", limit, ConcurrencyLimit::inUse, kind, meters);
    gauge("registry.limits.waiting", this, all -> all.waiting(kind), kind, meters);
    gauge("registry.limits.limit", limit, ConcurrencyLimit::limit, kind, meters);
    refusals.put(
        kind,
        Counter.builder("registry.limits.refused").tag("kind", kind.label()).register(meters));
  }

  private static <T> void gauge(
      String name, T limit, ToDoubleFunction<T> value, WorkKind kind, MeterRegistry meters) {
    Gauge.builder(name, limit, value).tag("kind", kind.label()).register(meters);
  }
}
