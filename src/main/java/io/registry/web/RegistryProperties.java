package io.registry.web;

import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of the registry towards its clients.
 *
 * @param issue text that the root of the server answers with
 * @param endpoints hosts, with port where needed, that clients are told to push to and pull from;
 *     when empty, the one by which the client reached this server
 * @param allowedHosts hosts by which clients may reach this server, and be told to push there: host
 *     or host:port, *.domain for all below it, or * for any; when empty, any without accounts, and
 *     with them only the address of the server
 * @param readOnly whether nobody may change images and repositories, and nothing is written to the
 *     store
 * @param limits bounds on what a client may send
 */
@Validated
@ConfigurationProperties("registry")
public record RegistryProperties(
    @DefaultValue("\"docker-registry server\"") String issue,
    @DefaultValue List<String> endpoints,
    @DefaultValue List<String> allowedHosts,
    @DefaultValue("false") boolean readOnly,
    @DefaultValue @Valid Limits limits) {

  /**
   * Checks the hosts.
   *
   * @throws IllegalArgumentException when one of them is none
   */
  public RegistryProperties {
    AllowedHosts unused = new AllowedHosts(allowedHosts);
  }

  /**
   * Bounds on what a client may send.
   *
   * @param jsonSize largest JSON document
   * @param uploadIdle longest pause in an upload before it is given up
   */
  public record Limits(
      @DefaultValue("8MB") @NotNull DataSize jsonSize,
      @DefaultValue("5m") @NotNull Duration uploadIdle) {
    private static final DataSize MAX_JSON_SIZE = DataSize.ofMegabytes(64);
    private static final long MAX_MILLIS = Duration.ofDays(24).toMillis();

    /**
     * Checks the bounds.
     *
     * @throws IllegalArgumentException when one of them makes no sense
     */
    public Limits {
      if (jsonSize.toBytes() < 1 || jsonSize.compareTo(MAX_JSON_SIZE) > 0) {
        throw new IllegalArgumentException(
            "registry.limits.json-size must be at least 1B and at most 64MB, not " + jsonSize);
      }
      if (uploadIdle.isNegative() || uploadIdle.isZero() || uploadIdle.toMillis() > MAX_MILLIS) {
        throw new IllegalArgumentException(
            "registry.limits.upload-idle must be positive and at most 24d, not " + uploadIdle);
      }
    }
  }
}
