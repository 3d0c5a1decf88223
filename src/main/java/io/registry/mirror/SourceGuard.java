package io.registry.mirror;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.registry.concurrent.Deadline;
import io.registry.mirror.SourceFailure.Kind;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.retry.RetryException;
import org.springframework.core.retry.RetryPolicy;
import org.springframework.core.retry.RetryTemplate;

/**
 * Protects the registry from a failing source: each question ends by its deadline, is repeated
 * while a retry can help, and fails at once while a circuit breaker is open because most recent
 * questions got no answer.
 */
final class SourceGuard {
  private static final Logger log = LoggerFactory.getLogger(SourceGuard.class);
  private static final Duration PAUSE = Duration.ofMillis(100);

  /**
   * Number of recent questions that the circuit breaker looks at; it opens when half of them
   * failed, and not before there were {@link #JUDGED_FROM}.
   */
  private static final int WINDOW = 10;

  private static final int JUDGED_FROM = 5;

  /** Up to how many questions run concurrently; others wait. */
  private static final int QUESTIONS = 64;

  private final String name;
  private final Duration timeout;
  private final RetryTemplate retries;
  private final CircuitBreaker circuit;
  private final Semaphore places = new Semaphore(QUESTIONS, true);
  private final MirrorMeters meters;
  private boolean away;
  private volatile String lastFailure = "";

  SourceGuard(String name, MirrorProperties settings, Clock clock, MirrorMeters meters) {
    this.name = name;
    this.timeout = settings.timeout();
    this.meters = meters;
    this.retries =
        new RetryTemplate(
            RetryPolicy.builder()
                .maxRetries(settings.attempts() - 1L)
                .predicate(failure -> is(failure, Kind.TRANSIENT))
                .delay(PAUSE)
                .multiplier(2)
                .jitter(PAUSE.dividedBy(2))
                .timeout(timeout)
                .build());
    this.circuit =
        CircuitBreaker.of(
            "mirror",
            CircuitBreakerConfig.custom()
                .slidingWindowType(CircuitBreakerConfig.SlidingWindowType.COUNT_BASED)
                .slidingWindowSize(WINDOW)
                .minimumNumberOfCalls(JUDGED_FROM)
                .waitDurationInOpenState(settings.rest())
                .permittedNumberOfCallsInHalfOpenState(1)
                .recordException(failure -> !is(failure, Kind.ANSWER))
                .ignoreException(failure -> is(failure, Kind.NOT_ASKED))
                .writableStackTraceEnabled(false)
                .clock(clock)
                .build());
    circuit
        .getEventPublisher()
        .onError(failure -> lastFailure = String.valueOf(failure.getThrowable().getMessage()))
        .onStateTransition(change -> log(change.getStateTransition().getToState()));
    meters.watchCircuit(name, () -> circuit.getState() != State.CLOSED);
  }

  private static boolean is(Throwable failure, Kind kind) {
    return failure instanceof SourceFailure source && source.kind() == kind;
  }

  private synchronized void log(State state) {
    if (state == State.OPEN && !away) {
      away = true;
      log.warn(
          "The {} of the mirror does not answer; requests to it are suspended: {}",
          name,
          lastFailure);
    } else if (state == State.CLOSED && away) {
      away = false;
      log.info("The {} of the mirror answers again", name);
    }
  }

  /**
   * Sends a question to the source.
   *
   * @param question the kind of question, for the metrics and the log
   * @param asking sends one request, until the deadline; may throw a {@link SourceFailure}
   * @return the answer; empty when the source does not have the object
   * @throws SourceFailure when there is no answer
   */
  <V> Optional<V> ask(String question, Function<Deadline, Optional<V>> asking) {
    long start = System.nanoTime();
    String outcome = "failed";
    try {
      Optional<V> found = askInTime(asking);
      outcome = found.isPresent() ? "found" : "absent";
      return found;
    } catch (CallNotPermittedException e) {
      outcome = "left-alone";
      throw new SourceFailure(Kind.NOT_ASKED, "it is left alone", e);
    } catch (SourceFailure e) {
      log.info("The {} of the mirror does not answer ({}): {}", name, question, e.getMessage());
      throw e;
    } finally {
      meters.asked(question, outcome, System.nanoTime() - start);
    }
  }

  private <V> Optional<V> askInTime(Function<Deadline, Optional<V>> asking) {
    Deadline deadline = Deadline.in(timeout);
    takePlace(deadline);
    try {
      return circuit.executeSupplier(() -> repeat(() -> asking.apply(deadline)));
    } finally {
      places.release();
    }
  }

  private void takePlace(Deadline deadline) {
    try {
      if (!places.tryAcquire(deadline.nanosLeft(), TimeUnit.NANOSECONDS)) {
        throw new SourceFailure(Kind.NOT_ASKED, "too many questions are under way");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SourceFailure(Kind.NOT_ASKED, "the question was given up", e);
    }
  }

  private <V> V repeat(Supplier<V> attempt) {
    try {
      return retries.execute(attempt::get);
    } catch (RetryException e) {
      if (e.getLastException() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new SourceFailure(Kind.PERMANENT, "the question failed", e);
    }
  }
}
