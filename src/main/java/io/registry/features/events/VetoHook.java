package io.registry.features.events;

import io.registry.features.events.VetoProperties.OnFailure;
import io.registry.platform.client.CallFailure;
import io.registry.platform.client.ServerGuard;
import io.registry.platform.concurrent.Deadline;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.platform.problem.RetryLaterException;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks an external service over HTTP whether something may be pushed. A setting decides what
 * happens to a push while the service does not answer.
 */
final class VetoHook {
  private static final Logger log = LoggerFactory.getLogger(VetoHook.class);
  private static final String MEDIA_TYPE = "application/json";
  private static final Duration RETRY = Duration.ofSeconds(5);

  private final SignedPost post;
  private final VetoAnswer answers;
  private final OnFailure onFailure;
  private final ServerGuard guard;

  VetoHook(
      SignedPost post,
      VetoAnswer answers,
      VetoProperties settings,
      EventMeters meters,
      Clock clock) {
    this.post = post;
    this.answers = answers;
    this.onFailure = settings.onFailure();
    this.guard =
        new ServerGuard(
            "veto hook",
            new ServerGuard.Limits(settings.timeout(), 1, settings.questions(), settings.rest()),
            clock,
            new ServerGuard.Outcomes("refused", "allowed"),
            (question, outcome, nanos) -> meters.asked(outcome, nanos));
  }

  /**
   * Asks the hook.
   *
   * @param question the body of the question
   * @throws RegistryException {@code INVALID} with the text of a refusal; {@code UNAVAILABLE} when
   *     there is no answer and the setting refuses pushes in that case
   */
  void ask(byte[] question) {
    refusal(question)
        .ifPresent(
            text -> {
              throw new RegistryException(Problem.INVALID, text);
            });
  }

  private Optional<String> refusal(byte[] question) {
    try {
      return guard.ask("push", deadline -> answers.refusal(send(question, deadline)));
    } catch (CallFailure e) {
      if (onFailure == OnFailure.REFUSE) {
        log.debug("Refused", e);
        throw new RetryLaterException(
            Problem.UNAVAILABLE, "Whether this may be pushed cannot be found out now", RETRY);
      }
      log.info("A push is allowed without an answer of the veto hook: {}", e.getMessage());
      return Optional.empty();
    }
  }

  private HttpResponse<byte[]> send(byte[] question, Deadline deadline) {
    Duration left = Duration.ofNanos(deadline.nanosLeft());
    return post.send(UUID.randomUUID().toString(), MEDIA_TYPE, question, left);
  }
}
