package io.registry.features.events;

import jakarta.validation.constraints.NotBlank;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of a webhook: a receiver of events over HTTP.
 *
 * @param url URL of the receiver, http or https, without user and password
 * @param secret signs the messages; when empty, they are not signed
 * @param events kinds of events to send
 * @param repositories patterns of the repositories whose events are sent; when empty, all
 * @param headers additional headers to send, such as {@code Authorization}
 * @param sslBundle SSL bundle of Spring Boot for the connection; when empty, the JVM's defaults
 * @param connectTimeout connect timeout
 * @param timeout how long an attempt may take
 * @param backoff pause after the first failure; it doubles with each further failure
 * @param backoffMax longest pause
 * @param giveUpAfter how long delivery is attempted before the event becomes a dead letter
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
   * Validates the settings.
   *
   * @throws IllegalArgumentException when they are not valid; the message names the property, but
   *     not the URL, which may contain a secret
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

  /** The address of the receiver. */
  PostTarget target() {
    return new PostTarget(url, secret, headers, timeout);
  }

  /** Omits the URL, the secret and the headers. */
  @Override
  public String toString() {
    return "WebhookProperties[events="
        + events.stream().map(EventKind::word).sorted().collect(Collectors.joining(","))
        + ", repositories="
        + repositories
        + "]";
  }
}
