package io.registry.auth;

import io.registry.image.ImageId;
import io.registry.repository.RepositoryName;
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
 * Tells who did what, from where and with what outcome, as {@link AuditApplicationEvent}s. Nothing
 * that is told is a secret: reasons and changes are words of the registry, never what was sent as a
 * password or a token.
 *
 * <p>Daemons sign in with each request, and ask again what was refused. So a success is told again
 * only after a while, and a refusal that may be repeated at will after a minute; a failed sign-in,
 * a change and every use of a privileged key are always told.
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

  /** Somebody signed in with a password. */
  public void signedIn(AuditActor actor) {
    tellOnce(successes, AuditType.SIGN_IN, actor, data("success"));
  }

  /**
   * Somebody did not succeed in signing in.
   *
   * @param reason a word of the registry, such as {@code wrong} or {@code inactive}
   */
  public void signInFailed(AuditActor actor, String reason) {
    publish(AuditType.SIGN_IN, actor, data("failure", "reason", reason));
  }

  /** Somebody has to wait before another password of his is looked at. */
  public void signInThrottled(AuditActor actor) {
    tellOnce(refusals, AuditType.SIGN_IN, actor, data("throttled"));
  }

  /** Somebody got a token. */
  public void tokenIssued(AuditActor actor, RepositoryName repository, Access access) {
    tellOnce(
        successes,
        AuditType.TOKEN,
        actor,
        data("issued", "repository", repository.toString(), "access", access.word()));
  }

  /**
   * Somebody got no token, or showed one that is not good.
   *
   * @param reason a word of the registry, such as {@code forbidden} or {@code expired}
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
   * Somebody showed a token of a token service elsewhere that is not good.
   *
   * @param reason what is wrong with it, without what it holds
   */
  public void foreignTokenRefused(AuditActor actor, String reason) {
    tellOnce(refusals, AuditType.TOKEN, actor, data("refused", "reason", reason));
  }

  /** Somebody may not do that with a repository. */
  public void accessRefused(
      AuditActor actor, RepositoryName repository, Action action, Decision decision) {
    refused(actor, "repository", repository.toString(), action, decision);
  }

  /** Somebody may not do that with an image. */
  public void accessRefused(AuditActor actor, ImageId image, Action action, Decision decision) {
    refused(actor, "image", image.value(), action, decision);
  }

  /** Somebody with a privileged key did something. */
  public void privilegedUsed(AuditActor actor, String method, String path) {
    publish(AuditType.PRIVILEGED, actor, data("success", "method", method, "path", path));
  }

  /**
   * Somebody signed a request in vain.
   *
   * @param reason what {@link PrivilegedSignature} says
   */
  public void privilegedRefused(AuditActor actor, String method, String path, String reason) {
    tellOnce(
        refusals,
        AuditType.PRIVILEGED,
        actor,
        data("refused", "method", method, "path", path, "reason", reason));
  }

  /** Somebody changed the password of an account, which may be his own. */
  public void passwordChanged(AuditActor actor, String account) {
    publish(AuditType.PASSWORD, actor, data("changed", "account", account));
  }

  /**
   * Somebody changed an account.
   *
   * @param change a word of the registry, such as {@code created} or {@code disabled}
   */
  public void accountChanged(AuditActor actor, String account, String change) {
    publish(AuditType.ACCOUNT, actor, data(change, "account", account));
  }

  /**
   * An admin freed the id of an image.
   *
   * @param forced whether tags that need the image were not looked for
   */
  public void imageFreed(AuditActor actor, ImageId image, boolean forced) {
    publish(
        AuditType.IMAGE,
        actor,
        data("freed", "image", image.value(), "forced", String.valueOf(forced)));
  }

  /**
   * Somebody changed something else by the API for accounts, or tried to.
   *
   * @param status what the request was answered with
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
