package io.registry.upstream.mirror;

import io.registry.platform.client.ServerUrl;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of a mirror, which fetches from another registry what it does not have.
 *
 * @param source URL of the other registry, below which its {@code /v1/} or {@code /v2/} lies; empty
 *     for no mirror
 * @param protocol the protocol that the source is asked over: V1, V2, or V2 if it speaks no V1
 * @param sourceIndex URL of the index of that registry, which lists the images of repositories; the
 *     same as the source when empty
 * @param username name by which this registry signs in to the source; empty for none
 * @param password password for that name
 * @param token token that is sent to the source instead of name and password; empty for none
 * @param sslBundle SSL bundle of Spring Boot with the authorities that sign the certificate of the
 *     source, and with a certificate of the registry's own if the source requires one; when empty,
 *     the authorities that the JVM trusts
 * @param insecureRedirects whether a source with https may redirect to plain http
 * @param pushes whether pushes to the mirror are refused, or stored locally
 * @param tagsTtl how long the tags and image lists of the source are cached before it is asked
 *     again; 0 to ask at each request
 * @param lastKnown how long the cached answers are used after that while the source does not answer
 * @param connectTimeout connect timeout
 * @param timeout how long a question may take with all its attempts, to the last byte of the
 *     answer; for a layer, to the first byte
 * @param idleTimeout how long the source may send nothing in the middle of a layer
 * @param layerTimeout how long a layer may take
 * @param attempts up to how many times a question is sent while the source fails
 * @param answerSize largest answer that is read, other than a layer, at most 64MB
 * @param fetches up to how many layers are fetched concurrently; others wait
 * @param spool directory for layers while they are fetched, on a local disk; the directory for
 *     temporary files when empty
 * @param spoolSize up to how much of that disk is used
 * @param rest how long the registry does not ask a failing source before it tries again
 */
@Validated
@ConfigurationProperties("registry.mirror")
public record MirrorProperties(
    @DefaultValue("") String source,
    @DefaultValue("auto") SourceProtocol protocol,
    @DefaultValue("") String sourceIndex,
    @DefaultValue("") String username,
    @DefaultValue("") String password,
    @DefaultValue("") String token,
    @DefaultValue("") String sslBundle,
    @DefaultValue("false") boolean insecureRedirects,
    @DefaultValue("local") Pushes pushes,
    @DefaultValue("5m") Duration tagsTtl,
    @DefaultValue("7d") Duration lastKnown,
    @DefaultValue("2s") Duration connectTimeout,
    @DefaultValue("10s") Duration timeout,
    @DefaultValue("30s") Duration idleTimeout,
    @DefaultValue("1h") Duration layerTimeout,
    @DefaultValue("2") @Min(1) @Max(10) int attempts,
    @DefaultValue("16MB") DataSize answerSize,
    @DefaultValue("16") @Min(1) @Max(1_000) int fetches,
    @DefaultValue("") String spool,
    @DefaultValue("20GB") DataSize spoolSize,
    @DefaultValue("5s") Duration rest) {
  private static final DataSize LARGEST_ANSWER = DataSize.ofMegabytes(64);

  /**
   * Validates the URLs, the credentials, the durations and the sizes.
   *
   * @throws IllegalArgumentException when a value is not valid; the message names the property and
   *     the allowed values, but not the value, which may contain a password
   */
  public MirrorProperties {
    source = ServerUrl.trimmed(source);
    sourceIndex = ServerUrl.trimmed(sourceIndex);
    requireUrl("source", source);
    requireUrl("source-index", sourceIndex);
    require(
        username.isEmpty() == password.isEmpty() && username.indexOf(':') < 0,
        "username and password must both be set or none of them, and a name has no colon");
    require(token.isEmpty() || username.isEmpty(), "token and username exclude each other");
    require(
        token.isEmpty() || protocol != SourceProtocol.V2,
        "token is for V1 sources: with protocol=v2, set username and password");
    require(
        token.chars().allMatch(c -> c >= ' ' && c < 0x7f), "token must be one line of plain text");
    requireLonger("connect-timeout", connectTimeout);
    requireLonger("timeout", timeout);
    requireLonger("idle-timeout", idleTimeout);
    requireLonger("layer-timeout", layerTimeout);
    requireLonger("rest", rest);
    require(!tagsTtl.isNegative(), "tags-ttl must be 0 or more");
    require(!lastKnown.isNegative(), "last-known must be 0 or more");
    require(
        answerSize.toBytes() > 0 && answerSize.compareTo(LARGEST_ANSWER) <= 0,
        "answer-size must be more than 0 and at most 64MB");
    require(spoolSize.toBytes() > 0, "spool-size must be more than 0");
  }

  /** The URL of the source's index. */
  String index() {
    return sourceIndex.isEmpty() ? source : sourceIndex;
  }

  @Override
  public String toString() {
    return "MirrorProperties[source=%s, source-index=%s]".formatted(source, sourceIndex);
  }

  private static void requireUrl(String name, String url) {
    require(url.isEmpty() || ServerUrl.isValid(url), name + " " + ServerUrl.RULE);
  }

  private static void requireLonger(String name, Duration value) {
    require(value.toMillis() > 0, name + " must be 1ms or more, not " + value);
  }

  private static void require(boolean valid, String rule) {
    if (!valid) {
      throw new IllegalArgumentException("registry.mirror." + rule);
    }
  }
}
