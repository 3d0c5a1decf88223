package io.registry.features.cache;

import io.lettuce.core.RedisCommandExecutionException;
import io.registry.platform.concurrent.MonotonicClock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.NestedExceptionUtils;

/**
 * A circuit breaker for Redis: keeps requests from waiting for a Redis that does not answer. The
 * first command that fails opens it. It closes again only in the background, when a probe finds
 * that Redis works.
 *
 * <p>It is not built on resilience4j, because requests never try a Redis that failed, and because
 * the pause grows while Redis comes and goes: docs/decisions/0014-resilience-and-schedules.md.
 */
public final class RedisCircuit {
  private static final Logger log = LoggerFactory.getLogger(RedisCircuit.class);
  private static final Duration SHORTEST_REST = Duration.ofSeconds(1);
  private static final Duration LONGEST_REST = Duration.ofSeconds(30);

  /** A circuit that stays closed for this long is trusted again. */
  private static final Duration TRIAL = Duration.ofMinutes(1);

  private final Runnable probe;
  private final Runnable reconnect;
  private final MonotonicClock clock;
  private boolean warned;
  private long closedAt;
  private long openedAt;
  private Duration rest = Duration.ZERO;
  private volatile boolean open = true;
  private volatile String lastFailure = "Redis was not asked yet";

  /**
   * Creates a circuit that is open until the first probe.
   *
   * @param probe uses Redis like requests do; throws when it does not work
   * @param reconnect makes the next command open a new connection
   * @param clock measures how long it was open
   */
  RedisCircuit(Runnable probe, Runnable reconnect, MonotonicClock clock) {
    this.probe = probe;
    this.reconnect = reconnect;
    this.clock = clock;
    this.openedAt = clock.nanos();
    this.closedAt = clock.nanos() - TRIAL.toNanos();
  }

  /** Whether the circuit is open. */
  public boolean isOpen() {
    return open;
  }

  /**
   * Runs a command, unless the circuit is open.
   *
   * @param command the command
   * @return its result; empty when there is none
   */
  <V> Optional<V> call(Supplier<Optional<V>> command) {
    if (open) {
      return Optional.empty();
    }
    try {
      return command.get();
    } catch (RuntimeException e) {
      if (!isOfAnotherType(e)) {
        trip(e);
      }
      return Optional.empty();
    }
  }

  // Another program has stored a value of another type under the key: Redis works, and there is no
  // value.
  private static boolean isOfAnotherType(RuntimeException failure) {
    return NestedExceptionUtils.getMostSpecificCause(failure)
            instanceof RedisCommandExecutionException reply
        && String.valueOf(reply.getMessage()).startsWith("WRONGTYPE");
  }

  private synchronized void trip(RuntimeException failure) {
    if (open && warned) {
      return;
    }
    lastFailure = cause(failure);
    log.warn("Redis does not work and is not used until it does: {}", lastFailure);
    log.debug("The failure of Redis", failure);
    warned = true;
    openedAt = clock.nanos();
    boolean trusted = openedAt - closedAt >= TRIAL.toNanos();
    Duration longer = rest.multipliedBy(2).plus(SHORTEST_REST);
    rest = trusted ? SHORTEST_REST : longer.compareTo(LONGEST_REST) < 0 ? longer : LONGEST_REST;
    open = true;
  }

  private static String cause(RuntimeException failure) {
    return NestedExceptionUtils.getMostSpecificCause(failure).toString();
  }

  /**
   * Uses Redis like requests do, unless the circuit is open, and does not change the circuit.
   *
   * @throws IllegalStateException when Redis does not work; the message says what failed
   */
  public void requireWorking() {
    if (open) {
      throw new IllegalStateException(lastFailure);
    }
    try {
      probe.run();
    } catch (RuntimeException e) {
      throw new IllegalStateException(cause(e), e);
    }
  }

  /** Probes Redis in the background: waits as long as the client's own timeout. */
  void probe() {
    boolean failedBefore = open;
    if (!isResting() && !probeNow() && failedBefore) {
      // The client may keep a connection to a dead server although another one has taken over.
      reconnect.run();
    }
  }

  /**
   * Probes Redis at once, for callers that depend on it.
   *
   * @return whether it works
   */
  boolean probeNow() {
    try {
      probe.run();
    } catch (RuntimeException e) {
      trip(e);
      return false;
    }
    close();
    return true;
  }

  private synchronized boolean isResting() {
    return open && warned && clock.nanos() - openedAt < rest.toNanos();
  }

  private synchronized void close() {
    if (open) {
      log.info("Redis works again");
      closedAt = clock.nanos();
      warned = false;
      open = false;
    }
  }
}
