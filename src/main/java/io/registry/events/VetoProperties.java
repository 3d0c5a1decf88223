package io.registry.events;

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
 * Somebody who is asked over HTTP whether something may be pushed.
 *
 * @param url who is asked, http or https, without user and password; when empty, nobody
 * @param secret signs the questions; when empty, nothing is signed
 * @param about what is asked about
 * @param repositories patterns of the repositories about whose tags it is asked; when empty, all
 * @param headers more headers to send, such as {@code Authorization}
 * @param sslBundle SSL bundle of Spring Boot for the connection; when empty, what the JVM trusts
 * @param connectTimeout how long it may take to reach whoever is asked
 * @param timeout how long a push waits for the answer
 * @param onFailure what happens to a push about which there is no answer
 * @param questions how many questions may be under way at the same time; others wait
 * @param rest how long whoever does not answer is left alone
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

  /** What may be asked about. */
  public enum Subject {
    /** Images that are pushed. */
    IMAGES,
    /** Tags that are set. */
    TAGS
  }

  /** What happens to a push when there is no answer. */
  public enum OnFailure {
    /** It goes on. */
    ALLOW,
    /** It is refused, and may be tried again. */
    REFUSE
  }

  /**
   * Checks the URL and the times.
   *
   * @throws IllegalArgumentException when one makes no sense; says which, without the URL, in which
   *     there may be a secret
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

  /** Where questions are sent. */
  PostTarget target() {
    return new PostTarget(url, secret, headers, timeout);
  }

  /** Without the URL, the secret and the headers. */
  @Override
  public String toString() {
    return "VetoProperties[about=" + about + ", onFailure=" + onFailure + "]";
  }
}
