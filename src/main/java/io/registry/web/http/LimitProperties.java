package io.registry.web.http;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Limits on what clients may send, how slowly, and how many concurrently. They may change at run
 * time: read them from {@link CurrentLimits} each time.
 *
 * @param jsonSize largest JSON document
 * @param headTimeout longest time from the first byte of a request to the end of its headers
 * @param jsonTimeout longest time that a JSON document may take to arrive
 * @param uploadIdle longest pause in an upload before the server aborts it
 * @param transferRate least bytes per second, on average, of the upload or download of a layer; 0
 *     for no limit
 * @param transferWindow how long a transfer may be slower before the server aborts it
 * @param concurrency limits of concurrent requests
 */
@Validated
@ConfigurationProperties("registry.limits")
public record LimitProperties(
    @DefaultValue("8MB") @NotNull DataSize jsonSize,
    @DefaultValue("30s") @NotNull Duration headTimeout,
    @DefaultValue("2m") @NotNull Duration jsonTimeout,
    @DefaultValue("5m") @NotNull Duration uploadIdle,
    @DefaultValue("128B") @NotNull DataSize transferRate,
    @DefaultValue("5m") @NotNull Duration transferWindow,
    @DefaultValue @Valid Concurrency concurrency) {
  private static final DataSize MAX_JSON_SIZE = DataSize.ofMegabytes(64);
  private static final Duration MAX_TIME = Duration.ofDays(24);

  /**
   * Validates the limits.
   *
   * @throws IllegalArgumentException when one is out of range
   */
  public LimitProperties {
    if (jsonSize.toBytes() < 1 || jsonSize.compareTo(MAX_JSON_SIZE) > 0) {
      throw new IllegalArgumentException(
          "registry.limits.json-size must be at least 1B and at most 64MB, not " + jsonSize);
    }
    if (transferRate.toBytes() < 0) {
      throw new IllegalArgumentException(
          "registry.limits.transfer-rate must not be below 0, as is " + transferRate);
    }
    requireTime("head-timeout", headTimeout);
    requireTime("json-timeout", jsonTimeout);
    requireTime("upload-idle", uploadIdle);
    requireTime("transfer-window", transferWindow);
  }

  /**
   * How many requests of each of four kinds may run concurrently, so that one kind cannot block the
   * others.
   *
   * @param metadata small requests that only read: JSON, tags, image lists, sign-in
   * @param changes small requests that change something: JSON, tags, image lists, accounts
   * @param uploads uploads of layers
   * @param downloads downloads of layers, and listings of their contents
   * @param queue up to how many requests of each kind may wait
   * @param patience longest time that a request waits
   * @param share how much of that one client may have, as an address and as an account, in percent
   *     of each kind; 100 for all of it
   */
  public record Concurrency(
      @DefaultValue("512") @Min(1) @Max(1_000_000) int metadata,
      @DefaultValue("256") @Min(1) @Max(1_000_000) int changes,
      @DefaultValue("256") @Min(1) @Max(1_000_000) int uploads,
      @DefaultValue("2048") @Min(1) @Max(1_000_000) int downloads,
      @DefaultValue("1000") @Min(0) @Max(1_000_000) int queue,
      @DefaultValue("30s") @NotNull Duration patience,
      @DefaultValue("50") @Min(1) @Max(100) int share) {

    /**
     * Validates the limits.
     *
     * @throws IllegalArgumentException when one is out of range
     */
    public Concurrency {
      if (patience.isNegative() || patience.compareTo(MAX_TIME) > 0) {
        throw new IllegalArgumentException(
            "registry.limits.concurrency.patience must be at least 0 and at most 24d, not "
                + patience);
      }
    }

    /** What one client may have of a number of places, at least one. */
    int share(int all) {
      return Math.max(1, (int) ((long) all * share / 100));
    }

    /** The limit of a kind of requests. */
    int of(WorkKind kind) {
      return switch (kind) {
        case METADATA -> metadata;
        case CHANGE -> changes;
        case UPLOAD -> uploads;
        case DOWNLOAD -> downloads;
      };
    }
  }

  private static void requireTime(String name, Duration time) {
    if (time.toMillis() < 1 || time.compareTo(MAX_TIME) > 0) {
      throw new IllegalArgumentException(
          "registry.limits." + name + " must be positive and at most 24d, not " + time);
    }
  }
}
