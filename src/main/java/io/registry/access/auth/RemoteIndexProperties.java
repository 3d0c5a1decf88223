package io.registry.access.auth;

import io.registry.platform.client.ServerUrl;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of a remote index service.
 *
 * @param endpoint URL of the index, below which its {@code /v1/} lies
 * @param sslBundle SSL bundle of Spring Boot with the authorities that sign the certificate of the
 *     index, and with a certificate of the registry's own if the index requires one; when empty,
 *     the authorities that the JVM trusts
 * @param connectTimeout connect timeout
 * @param timeout how long a question may take with all its attempts, to the last byte of the answer
 * @param attempts up to how many times a question is sent while the index fails
 * @param answerSize largest answer that is read, at most 64MB
 * @param questions up to how many questions run concurrently; others wait
 * @param rest how long the registry does not ask a failing index before it tries again
 * @param grantsTtl how long the registry caches what the index allowed; 0 to ask at each request
 */
@Validated
@ConfigurationProperties("registry.index.remote")
public record RemoteIndexProperties(
    @DefaultValue("")
        @NotBlank(message = "must be the URL of the index, when registry.index.mode is remote")
        String endpoint,
    @DefaultValue("") String sslBundle,
    @DefaultValue("2s") Duration connectTimeout,
    @DefaultValue("5s") Duration timeout,
    @DefaultValue("2") @Min(1) @Max(10) int attempts,
    @DefaultValue("16MB") DataSize answerSize,
    @DefaultValue("32") @Min(1) @Max(10_000) int questions,
    @DefaultValue("5s") Duration rest,
    @DefaultValue("30s") Duration grantsTtl) {
  private static final DataSize LARGEST_ANSWER = DataSize.ofMegabytes(64);
  private static final Duration LONGEST_TIMEOUT = Duration.ofMinutes(2);

  /**
   * Validates the URL, the durations and the size.
   *
   * @throws IllegalArgumentException when a value is out of range; the message names the property
   *     and the allowed values, but not the URL, which may contain a password
   */
  public RemoteIndexProperties {
    endpoint = ServerUrl.trimmed(endpoint);
    require(endpoint.isEmpty() || ServerUrl.isValid(endpoint), "endpoint " + ServerUrl.RULE);
    requireTimeout("connect-timeout", connectTimeout);
    requireTimeout("timeout", timeout);
    require(
        answerSize.toBytes() > 0 && answerSize.compareTo(LARGEST_ANSWER) <= 0,
        "answer-size must be more than 0 and at most 64MB, not " + answerSize);
    require(rest.toMillis() > 0, "rest must be 1ms or more, not " + rest);
    require(!grantsTtl.isNegative(), "grants-ttl must be 0 or more, not " + grantsTtl);
  }

  private static void requireTimeout(String name, Duration value) {
    require(
        value.toMillis() > 0 && value.compareTo(LONGEST_TIMEOUT) <= 0,
        name + " must be 1ms to 2m, not " + value);
  }

  private static void require(boolean valid, String rule) {
    if (!valid) {
      throw new IllegalArgumentException("registry.index.remote." + rule);
    }
  }
}
