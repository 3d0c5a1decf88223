package io.registry.events;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.registry.events.VetoProperties.OnFailure;
import io.registry.problem.Problem;
import io.registry.problem.RegistryException;
import io.registry.problem.RetryLaterException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks an external service over HTTP whether something may be pushed. Each question ends by its
 * timeout, the number of concurrent questions is limited, and a circuit breaker stops asking a
 * service that fails; a setting decides what happens to a push then.
 */
final class VetoHook {
  private static final Logger log = LoggerFactory.getLogger(VetoHook.class);
  private static final String MEDIA_TYPE = "application/json";
  private static final Duration RETRY = Duration.ofSeconds(5);

  /**
   * Number of recent questions that the circuit breaker looks at; it opens when half of them
   * failed, and not before there were {@link #JUDGED_FROM}.
   */
  private static final int WINDOW = 10;

  private static final int JUDGED_FROM = 5;

  private final SignedPost post;
  private final VetoAnswer answers;
  private final Duration timeout;
  private final OnFailure onFailure;
  private final Semaphore places;
  private final CircuitBreaker circuit;
  private final EventMeters meters;

  VetoHook(
      SignedPost post,
      VetoAnswer answers,
      VetoProperties settings,
      EventMeters meters,
      Clock clock) {
    this.post = post;
    this.answers = answers;
    this.timeout = settings.timeout();
    this.onFailure = settings.onFailure();
    this.places = new Semaphore(settings.questions(), true);
    this.meters = meters;
    this.circuit =
        CircuitBreaker.of(
            "veto",
            CircuitBreakerConfig.custom()
                .slidingWindowSize(WINDOW)
                .minimumNumberOfCalls(JUDGED_FROM)
                .waitDurationInOpenState(settings.rest())
                .permittedNumberOfCallsInHalfOpenState(1)
                .writableStackTraceEnabled(false)
                .clock(clock)
                .build());
    circuit
        .getEventPublisher()
        .onStateTransition(change -> log(change.getStateTransition().getToState()));
  }

  private void log(State state) {
    if (state == State.OPEN) {
      log.warn(
          "The veto hook does not answer and is not asked for a while; pushes are {} meanwhile",
          onFailure == OnFailure.ALLOW ? "allowed" : "refused");
    } else if (state == State.CLOSED) {
      log.info("The veto hook answers again");
    }
  }

  /**
   * Asks the hook.
   *
   * @param question the body of the question
   * @throws RegistryException {@code INVALID} with the text of a refusal; {@code UNAVAILABLE} when
   *     there is no answer and the setting refuses pushes in that case
   */
  void ask(byte[] question) {
    long start = System.nanoTime();
    Optional<String> refusal;
    try {
      refusal = askInTime(question, start);
    } catch (CallNotPermittedException | PostFailure e) {
      meters.asked(e instanceof PostFailure ? "failed" : "left-alone", System.nanoTime() - start);
      log.info("The veto hook does not answer: {}", e.getMessage());
      fail(e);
      return;
    }
    meters.asked(refusal.isPresent() ? "refused" : "allowed", System.nanoTime() - start);
    refusal.ifPresent(
        text -> {
          throw new RegistryException(Problem.INVALID, text);
        });
  }

  private void fail(RuntimeException failure) {
    if (onFailure == OnFailure.REFUSE) {
      log.debug("Refused", failure);
      throw new RetryLaterException(
          Problem.UNAVAILABLE, "Whether this may be pushed cannot be found out now", RETRY);
    }
  }

  private Optional<String> askInTime(byte[] question, long start) {
    // Waiting in vain for a free slot is not a failure of the hook.
    takePlace();
    try {
      Duration left = timeout.minusNanos(System.nanoTime() - start);
      return circuit.executeSupplier(
          () ->
              answers.refusal(
                  post.send(
                      UUID.randomUUID().toString(),
                      MEDIA_TYPE,
                      question,
                      left.isNegative() ? Duration.ZERO : left)));
    } finally {
      places.release();
    }
  }

  private void takePlace() {
    try {
      if (!places.tryAcquire(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new PostFailure("too many questions are under way");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PostFailure("interrupted", e);
    }
  }
}
