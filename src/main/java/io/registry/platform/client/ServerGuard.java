package io.registry.platform.client;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.registry.platform.client.CallFailure.Kind;
import io.registry.platform.concurrent.Deadline;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.retry.RetryException;
import org.springframework.core.retry.RetryPolicy;
import org.springframework.core.retry.RetryTemplate;

/**
 * Protects the registry from another server that fails: each question ends by its deadline, is
 * repeated while a retry can help, and fails at once while a circuit breaker is open because most
 * recent questions got no answer.
 */
public final class ServerGuard {
  private static final Logger log = LoggerFactory.getLogger(ServerGuard.class);
  private static final Duration PAUSE = Duration.ofMillis(100);

  /**
   * Number of recent questions that the circuit breaker looks at; it opens when half of them
   * failed, and not before there were {@link #JUDGED_FROM}.
   */
  private static final int WINDOW = 10;

  private static final int JUDGED_FROM = 5;

  private final String server;
  private final Duration timeout;
  private final RetryTemplate retries;
  private final CircuitBreaker circuit;
  private final Semaphore places;
  private final Outcomes outcomes;
  private final Meter meter;
  private boolean away;
  private volatile String lastFailure = "";

  /**
   * The limits of questions.
   *
   * @param timeout the longest time of a question, with all attempts
   * @param attempts up to how many times a question is sent
   * @param questions up to how many questions run concurrently; others wait
   * @param rest how long the server is not asked after the circuit breaker has opened
   */
  public record Limits(Duration timeout, int attempts, int questions, Duration rest) {}

  /**
   * The words for the two kinds of answers in the metrics.
   *
   * @param present the word for an answer with a value
   * @param absent the word for an answer without one
   */
  public record Outcomes(String present, String absent) {}

  /** Measures questions. */
  public interface Meter {
    /**
     * Counts a question.
     *
     * @param question the kind of question
     * @param outcome one of the {@link Outcomes}, or {@code failed} or {@code left-alone}
     * @param nanos how long it took with all attempts, in nanoseconds
     */
    void asked(String question, String outcome, long nanos);
  }

  /**
   * Creates a guard.
   *
   * @param server the name of the server for the log
   * @param limits the limits of its questions
   * @param clock measures how long the server is not asked
   * @param outcomes the words for its answers
   * @param meter counts the questions
   */
  public ServerGuard(String server, Limits limits, Clock clock, Outcomes outcomes, Meter meter) {
    this.server = server;
    this.timeout = limits.timeout();
    this.places = new Semaphore(limits.questions(), true);
    this.outcomes = outcomes;
    this.meter = meter;
    this.retries =
        new RetryTemplate(
            RetryPolicy.builder()
                .maxRetries(limits.attempts() - 1L)
                .predicate(failure -> is(failure, Kind.TRANSIENT))
                .delay(PAUSE)
                .multiplier(2)
                .jitter(PAUSE.dividedBy(2))
                .timeout(timeout)
                .build());
    this.circuit =
        CircuitBreaker.of(
            server,
            CircuitBreakerConfig.custom()
                .slidingWindowSize(WINDOW)
                .minimumNumberOfCalls(JUDGED_FROM)
                .waitDurationInOpenState(limits.rest())
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
  }

  private static boolean is(Throwable failure, Kind kind) {
    return failure instanceof CallFailure call && call.kind() == kind;
  }

  private synchronized void log(State state) {
    if (state == State.OPEN && !away) {
      away = true;
      log.warn("The {} does not answer; requests to it are suspended: {}", server, lastFailure);
    } else if (state == State.CLOSED && away) {
      away = false;
      log.info("The {} answers again", server);
    }
  }

  /** Whether the circuit breaker is not closed. */
  public boolean isSuspended() {
    return circuit.getState() != State.CLOSED;
  }

  /**
   * Sends a question to the server.
   *
   * @param question the kind of question, for the metrics and the log
   * @param asking sends one request, until the deadline; may throw a {@link CallFailure}
   * @return the answer; empty when the server has none, or refuses
   * @throws CallFailure when there is no usable answer
   */
  public <V> Optional<V> ask(String question, Function<Deadline, Optional<V>> asking) {
    long start = System.nanoTime();
    String outcome = "failed";
    try {
      Optional<V> answer = askInTime(asking);
      outcome = answer.isPresent() ? outcomes.present() : outcomes.absent();
      return answer;
    } catch (CallNotPermittedException e) {
      outcome = "left-alone";
      throw new CallFailure(Kind.NOT_ASKED, "it is left alone", e);
    } catch (CallFailure e) {
      log.info("The {} does not answer ({}): {}", server, question, e.getMessage());
      throw e;
    } finally {
      meter.asked(question, outcome, System.nanoTime() - start);
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
        throw new CallFailure(Kind.NOT_ASKED, "too many questions are under way");
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private <V> V repeat(Supplier<V> attempt) {
    try {
      return retries.execute(attempt::get);
    } catch (RetryException e) {
      if (e.getLastException() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new CallFailure(Kind.PERMANENT, "the question failed", e);
    }
  }

  /**
   * Waits for an answer, and cancels its request when it does not come in time.
   *
   * @param answer the answer under way
   * @param deadline the time by which it must have arrived
   * @throws CallFailure when there is none
   */
  public static <V> V await(CompletableFuture<V> answer, Deadline deadline) {
    try {
      return answer.get(deadline.nanosLeft(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw new CallFailure(Kind.PERMANENT, "it has not answered in time", e);
    } catch (InterruptedException e) {
      answer.cancel(true);
      throw interrupted(e);
    } catch (ExecutionException e) {
      throw failure(e.getCause() == null ? e : e.getCause());
    }
  }

  private static CallFailure interrupted(InterruptedException cause) {
    Thread.currentThread().interrupt();
    return new CallFailure(Kind.NOT_ASKED, "the question was given up", cause);
  }

  private static CallFailure failure(Throwable cause) {
    for (Throwable each = cause; each != null; each = each.getCause()) {
      if (each instanceof CallFailure failure) {
        return failure;
      }
    }
    boolean passing = cause instanceof IOException || cause instanceof CancellationException;
    return new CallFailure(passing ? Kind.TRANSIENT : Kind.PERMANENT, cause.toString(), cause);
  }
}
