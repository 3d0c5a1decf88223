package io.registry.events;

import jakarta.validation.constraints.NotBlank;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Somebody who is told over HTTP what happens.
 *
 * @param url where to, http or https, without user and password
 * @param secret signs what is sent; when empty, nothing is signed
 * @param events what is told
 * @param repositories patterns of the repositories of which it is told; when empty, all
 * @param headers more headers to send, such as {@code Authorization}
 * @param sslBundle SSL bundle of Spring Boot for the connection; when empty, what the JVM trusts
 * @param connectTimeout how long it may take to reach the receiver
 * @param timeout how long an attempt may take
 * @param backoff how long after the first failure it is tried again; each time twice as long
 * @param backoffMax how long at most
 * @param giveUpAfter how long it is tried before it becomes a dead letter
 */
public record WebhookProperties(
    @DefaultValue("") @NotBlank(message = "must be set") String url,
    @DefaultValue("") String secret,
    @DefaultValue({"tag-set", "tag-removed", "repository-removed"}) Set<EventKind> events,
    @DefaultValue List<String> repositories,
    @DefaultValue Map<String, String> headers,
    @DefaultValue("") String sslBundle,
    @DefaultValue("2s") Duration connectTimeout,
    @DefaultValue("5s") Duration timeout,
    @DefaultValue("1s") Duration backoff,
    @DefaultValue("5m") Duration backoffMax,
    @DefaultValue("1d") Duration giveUpAfter) {
  private static final Duration LONGEST_TIMEOUT = Duration.ofMinutes(2);

  /**
   * Checks what has to fit together.
   *
   * @throws IllegalArgumentException when something makes no sense; says what, without the URL, in
   *     which there may be a secret
   */
  public WebhookProperties {
    url = url.strip();
    require(
        url.isEmpty() || PostTarget.isUrl(url), "url must be an http or https URL without user");
    require(!events.isEmpty(), "events must not be empty");
    events.stream()
        .filter(kind -> !kind.isTellable())
        .forEach(kind -> require(false, "events must not name " + kind.word()));
    requireTimeout("connect-timeout", connectTimeout);
    requireTimeout("timeout", timeout);
    require(backoff.toMillis() > 0, "backoff must be 1ms or more");
    require(backoffMax.compareTo(backoff) >= 0, "backoff-max must not be less than backoff");
    require(!giveUpAfter.isNegative(), "give-up-after must not be negative");
  }

  private static void requireTimeout(String name, Duration value) {
    require(
        value.toMillis() > 0 && value.compareTo(LONGEST_TIMEOUT) <= 0,
        name + " must be 1ms to 2m, not " + value);
  }

  private static void require(boolean valid, String rule) {
    if (!valid) {
      throw new IllegalArgumentException("registry.events.webhooks.*." + rule);
    }
  }

  /** Where it is sent. */
  PostTarget target() {
    return new PostTarget(url, secret, headers, timeout);
  }

  /** Without the URL, the secret and the headers. */
  @Override
  public String toString() {
    return "WebhookProperties[events="
        + events.stream().map(EventKind::word).sorted().collect(Collectors.joining(","))
        + ", repositories="
        + repositories
        + "]";
  }
}
