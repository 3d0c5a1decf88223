package io.registry.features.events;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of the veto hook: an external service that is asked over HTTP whether something may be
 * pushed.
 *
 * @param url URL of the service, http or https, without user and password; when empty, there is no
 *     veto hook
 * @param secret signs the questions; when empty, they are not signed
 * @param about what the service is asked about
 * @param repositories patterns of the repositories about whose tags the service is asked; when
 *     empty, all
 * @param headers additional headers to send, such as {@code Authorization}
 * @param sslBundle SSL bundle of Spring Boot for the connection; when empty, the JVM's defaults
 * @param connectTimeout connect timeout
 * @param timeout how long a push waits for the answer
 * @param onFailure what happens to a push when there is no answer
 * @param questions up to how many questions run concurrently; others wait
 * @param rest how long the registry does not ask a failing service before it tries again
 */
@Validated
@ConfigurationProperties("registry.events.veto")
public record VetoProperties(
    @DefaultValue("") String url,
    @DefaultValue("") String secret,
    @DefaultValue({"images", "tags"}) Set<Subject> about,
    @DefaultValue List<String> repositories,
    @DefaultValue Map<String, String> headers,
    @DefaultValue("") String sslBundle,
    @DefaultValue("1s") Duration connectTimeout,
    @DefaultValue("2s") Duration timeout,
    @DefaultValue("refuse") OnFailure onFailure,
    @DefaultValue("16") @Min(1) @Max(1_000) int questions,
    @DefaultValue("5s") Duration rest) {
  private static final Duration LONGEST_TIMEOUT = Duration.ofMinutes(1);

  /** What the service can be asked about. */
  public enum Subject {
    /** Images that are pushed. */
    IMAGES,
    /** Tags that are set. */
    TAGS
  }

  /** What happens to a push when there is no answer. */
  public enum OnFailure {
    /** The push continues. */
    ALLOW,
    /** The push is refused, and the client may try again. */
    REFUSE
  }

  /**
   * Validates the URL and the durations.
   *
   * @throws IllegalArgumentException when one is not valid; the message names the property, but not
   *     the URL, which may contain a secret
   */
  public VetoProperties {
    url = url.strip();
    require(
        url.isEmpty() || PostTarget.isUrl(url), "url must be an http or https URL without user");
    require(!about.isEmpty(), "about must be images, tags or both");
    requireTimeout("connect-timeout", connectTimeout);
    requireTimeout("timeout", timeout);
    require(rest.toMillis() > 0, "rest must be 1ms or more, not " + rest);
  }

  private static void requireTimeout(String name, Duration value) {
    require(
        value.toMillis() > 0 && value.compareTo(LONGEST_TIMEOUT) <= 0,
        name + " must be 1ms to 1m, not " + value);
  }

  private static void require(boolean valid, String rule) {
    if (!valid) {
      throw new IllegalArgumentException("registry.events.veto." + rule);
    }
  }

  /** The address of the service. */
  PostTarget target() {
    return new PostTarget(url, secret, headers, timeout);
  }

  /** Omits the URL, the secret and the headers. */
  @Override
  public String toString() {
    return "VetoProperties[about=" + about + ", onFailure=" + onFailure + "]";
  }
}
