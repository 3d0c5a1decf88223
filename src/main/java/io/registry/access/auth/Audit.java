package io.registry.access.auth;

import io.registry.content.image.ImageId;
import io.registry.content.repository.RepositoryName;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.audit.AuditEvent;
import org.springframework.boot.actuate.audit.listener.AuditApplicationEvent;
import org.springframework.context.ApplicationEventPublisher;

/**
 * Records who did what, from which address and with which outcome, as {@link
 * AuditApplicationEvent}s. An event contains no secrets: reasons and changes are fixed words of the
 * registry, never a password or token that a client sent.
 *
 * <p>Daemons sign in with each request and repeat refused requests. So an identical success is
 * recorded again only after a configurable time, and a refusal that a client can repeat at will
 * only after a minute; every failed sign-in, change and use of a privileged key is recorded.
 */
public final class Audit {
  private static final Duration REFUSALS = Duration.ofMinutes(1);

  private final ApplicationEventPublisher events;
  private final Clock clock;
  private final DeduplicationWindow successes;
  private final DeduplicationWindow refusals;

  Audit(ApplicationEventPublisher events, Duration repeatAfter, Clock clock) {
    this.events = events;
    this.clock = clock;
    this.successes = new DeduplicationWindow(repeatAfter, clock);
    this.refusals = new DeduplicationWindow(REFUSALS, clock);
  }

  /** Records that a user or robot signed in with a password. */
  public void signedIn(AuditActor actor) {
    tellOnce(successes, AuditType.SIGN_IN, actor, data("success"));
  }

  /**
   * Records that a sign-in failed.
   *
   * @param reason a fixed word, such as {@code wrong} or {@code inactive}
   */
  public void signInFailed(AuditActor actor, String reason) {
    publish(AuditType.SIGN_IN, actor, data("failure", "reason", reason));
  }

  /** Records that a sign-in was refused because of too many failed ones before. */
  public void signInThrottled(AuditActor actor) {
    tellOnce(refusals, AuditType.SIGN_IN, actor, data("throttled"));
  }

  /** Records that a token was issued. */
  public void tokenIssued(AuditActor actor, RepositoryName repository, Access access) {
    tellOnce(
        successes,
        AuditType.TOKEN,
        actor,
        data("issued", "repository", repository.toString(), "access", access.word()));
  }

  /**
   * Records that a token was refused: none was issued, or the client presented an invalid one.
   *
   * @param reason a fixed word, such as {@code forbidden} or {@code expired}
   */
  public void tokenRefused(
      AuditActor actor, RepositoryName repository, Access access, String reason) {
    tellOnce(
        refusals,
        AuditType.TOKEN,
        actor,
        data(
            "refused",
            "repository",
            repository.toString(),
            "access",
            access.word(),
            "reason",
            reason));
  }

  /**
   * Records that a token of an external token service was refused.
   *
   * @param reason the defect, without any content of the token
   */
  public void foreignTokenRefused(AuditActor actor, String reason) {
    tellOnce(refusals, AuditType.TOKEN, actor, data("refused", "reason", reason));
  }

  /** Records that access to a repository was refused. */
  public void accessRefused(
      AuditActor actor, RepositoryName repository, Action action, Decision decision) {
    refused(actor, "repository", repository.toString(), action, decision);
  }

  /** Records that access to an image was refused. */
  public void accessRefused(AuditActor actor, ImageId image, Action action, Decision decision) {
    refused(actor, "image", image.value(), action, decision);
  }

  /** Records a request that was signed with a privileged key. */
  public void privilegedUsed(AuditActor actor, String method, String path) {
    publish(AuditType.PRIVILEGED, actor, data("success", "method", method, "path", path));
  }

  /**
   * Records a request whose privileged signature was refused.
   *
   * @param reason the reason that {@link PrivilegedSignature} gives
   */
  public void privilegedRefused(AuditActor actor, String method, String path, String reason) {
    tellOnce(
        refusals,
        AuditType.PRIVILEGED,
        actor,
        data("refused", "method", method, "path", path, "reason", reason));
  }

  /** Records that a password was changed; the actor may own the account. */
  public void passwordChanged(AuditActor actor, String account) {
    publish(AuditType.PASSWORD, actor, data("changed", "account", account));
  }

  /**
   * Records that an account was changed.
   *
   * @param change a fixed word, such as {@code created} or {@code disabled}
   */
  public void accountChanged(AuditActor actor, String account, String change) {
    publish(AuditType.ACCOUNT, actor, data(change, "account", account));
  }

  /**
   * Records that an admin released the id of an image.
   *
   * @param forced whether the id was released without a check for tags that need the image
   */
  public void imageFreed(AuditActor actor, ImageId image, boolean forced) {
    publish(
        AuditType.IMAGE,
        actor,
        data("freed", "image", image.value(), "forced", String.valueOf(forced)));
  }

  /**
   * Records any other change through the API for accounts, including a failed attempt.
   *
   * @param status the HTTP status of the answer
   */
  public void administered(AuditActor actor, String method, String path, int status) {
    publish(
        AuditType.ADMINISTRATION,
        actor,
        data(
            status < 400 ? "success" : "refused",
            "status",
            String.valueOf(status),
            "method",
            method,
            "path",
            path));
  }

  private void refused(
      AuditActor actor, String kind, String what, Action action, Decision decision) {
    tellOnce(
        refusals,
        AuditType.ACCESS,
        actor,
        data(word(decision), kind, what, "action", word(action)));
  }

  private void tellOnce(
      DeduplicationWindow told, AuditType type, AuditActor actor, Map<String, Object> data) {
    if (told.isNew(new Told(type, actor, data))) {
      publish(type, actor, data);
    }
  }

  private void publish(AuditType type, AuditActor actor, Map<String, Object> data) {
    Map<String, @Nullable Object> all = new LinkedHashMap<>();
    all.put("from", actor.address());
    all.putAll(data);
    events.publishEvent(
        new AuditApplicationEvent(new AuditEvent(clock.instant(), actor.who(), type.text(), all)));
  }

  private static Map<String, Object> data(String outcome, String... more) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("outcome", outcome);
    for (int i = 0; i < more.length; i += 2) {
      data.put(more[i], more[i + 1]);
    }
    return data;
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private record Told(AuditType type, AuditActor actor, Map<String, Object> data) {}
}
