package io.registry.auth;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.registry.auth.IndexFailure.Kind;
import io.registry.concurrent.Deadline;
import java.net.http.HttpRequest;
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
 * Protects the registry from a failing remote index: each question ends by its deadline, is
 * repeated while a retry can help, and fails at once while a circuit breaker is open because most
 * recent questions got no answer.
 */
final class GuardedIndex {
  private static final Logger log = LoggerFactory.getLogger(GuardedIndex.class);
  private static final Duration PAUSE = Duration.ofMillis(100);

  /**
   * Number of recent questions that the circuit breaker looks at; it opens when half of them
   * failed, and not before there were {@link #JUDGED_FROM}.
   */
  private static final int WINDOW = 10;

  private static final int JUDGED_FROM = 5;

  private final IndexClient client;
  private final Duration timeout;
  private final RetryTemplate retries;
  private final CircuitBreaker circuit;
  private final Semaphore places;
  private final IndexMeters meters;
  private boolean away;
  private volatile String lastFailure = "";

  GuardedIndex(
      IndexClient client, RemoteIndexProperties settings, Clock clock, IndexMeters meters) {
    this.client = client;
    this.timeout = settings.timeout();
    this.places = new Semaphore(settings.questions(), true);
    this.meters = meters;
    this.retries =
        new RetryTemplate(
            RetryPolicy.builder()
                .maxRetries(settings.attempts() - 1L)
                .predicate(GuardedIndex::mayPass)
                .delay(PAUSE)
                .multiplier(2)
                .jitter(PAUSE.dividedBy(2))
                .timeout(timeout)
                .build());
    this.circuit =
        CircuitBreaker.of(
            "index",
            CircuitBreakerConfig.custom()
                .slidingWindowType(CircuitBreakerConfig.SlidingWindowType.COUNT_BASED)
                .slidingWindowSize(WINDOW)
                .minimumNumberOfCalls(JUDGED_FROM)
                .waitDurationInOpenState(settings.rest())
                .permittedNumberOfCallsInHalfOpenState(1)
                .recordException(GuardedIndex::isFailing)
                .ignoreException(failure -> is(failure, Kind.NOT_ASKED))
                .writableStackTraceEnabled(false)
                .clock(clock)
                .build());
    circuit
        .getEventPublisher()
        .onError(failure -> lastFailure = String.valueOf(failure.getThrowable().getMessage()))
        .onStateTransition(change -> log(change.getStateTransition().getToState()));
    meters.watch(() -> circuit.getState() != State.CLOSED);
  }

  private static boolean mayPass(Throwable failure) {
    return is(failure, Kind.TRANSIENT);
  }

  private static boolean isFailing(Throwable failure) {
    return !is(failure, Kind.ANSWER);
  }

  private static boolean is(Throwable failure, Kind kind) {
    return failure instanceof IndexFailure index && index.kind() == kind;
  }

  private synchronized void log(State state) {
    if (state == State.OPEN && !away) {
      away = true;
      log.warn("The index does not answer; requests to it are suspended: {}", lastFailure);
    } else if (state == State.CLOSED && away) {
      away = false;
      log.info("The index answers again");
    }
  }

  /**
   * Sends a question to the index.
   *
   * @param question the kind of question, for the metrics
   * @param request the request, which may be sent several times
   * @param reading reads from an answer what is allowed, or that nothing is; may throw an {@link
   *     IndexFailure}
   * @return what is allowed; empty when the index refuses
   * @throws IndexFailure when there is no usable answer
   */
  <V> Optional<V> ask(
      String question, HttpRequest request, Function<IndexAnswer, Optional<V>> reading) {
    long start = System.nanoTime();
    String outcome = "failed";
    try {
      Optional<V> allowed = askInTime(request, reading);
      outcome = allowed.isPresent() ? "yes" : "no";
      return allowed;
    } catch (CallNotPermittedException e) {
      outcome = "left-alone";
      throw new IndexFailure(Kind.NOT_ASKED, "it is left alone", e);
    } catch (IndexFailure e) {
      log.info("The index does not answer {}: {}", request.uri().getRawPath(), e.getMessage());
      throw e;
    } finally {
      meters.asked(question, outcome, System.nanoTime() - start);
    }
  }

  private <V> Optional<V> askInTime(
      HttpRequest request, Function<IndexAnswer, Optional<V>> reading) {
    Deadline deadline = Deadline.in(timeout);
    takePlace(deadline);
    try {
      return circuit.executeSupplier(
          () -> repeat(() -> reading.apply(client.send(request, deadline))));
    } finally {
      places.release();
    }
  }

  private void takePlace(Deadline deadline) {
    try {
      if (!places.tryAcquire(deadline.nanosLeft(), TimeUnit.NANOSECONDS)) {
        throw new IndexFailure(Kind.NOT_ASKED, "too many questions are under way");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IndexFailure(Kind.NOT_ASKED, "the question was given up", e);
    }
  }

  private <V> V repeat(Supplier<V> attempt) {
    try {
      return retries.execute(attempt::get);
    } catch (RetryException e) {
      if (e.getLastException() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IndexFailure(Kind.PERMANENT, "the question failed", e);
    }
  }
}
