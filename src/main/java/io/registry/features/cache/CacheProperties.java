package io.registry.features.cache;

import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of the caches, in memory and in Redis.
 *
 * @param tagsTtl how long tags and image lists are cached; 0 to read them from the store each time.
 *     Changes by other processes of this registry are visible at once, whatever the value
 * @param imagesTtl how long images are cached; 0 to read them from the store each time
 * @param memory largest share of the heap of each in-memory cache
 * @param entrySize with the profile redis: largest entry that is stored there
 * @param timeout with the profile redis: how long a request waits for Redis, once
 * @param lease how long a process uses its cache without asking the store whether it is still
 *     valid; a client that changes a tag while Redis is unreachable waits for a quarter more than
 *     that
 */
@Validated
@ConfigurationProperties("registry.cache")
public record CacheProperties(
    @DefaultValue("5m") @NotNull Duration tagsTtl,
    @DefaultValue("1d") @NotNull Duration imagesTtl,
    @DefaultValue("16MB") @NotNull DataSize memory,
    @DefaultValue("4MB") @NotNull DataSize entrySize,
    @DefaultValue("50ms") @NotNull Duration timeout,
    @DefaultValue("2s") @NotNull Duration lease) {
  private static final Duration SHORTEST_LEASE = Duration.ofMillis(100);
  private static final Duration LONGEST_LEASE = Duration.ofSeconds(30);

  /**
   * Validates the durations.
   *
   * @throws IllegalArgumentException when one is out of range
   */
  public CacheProperties {
    require("tags-ttl", tagsTtl, !tagsTtl.isNegative(), "0 or more");
    require("images-ttl", imagesTtl, !imagesTtl.isNegative(), "0 or more");
    require("timeout", timeout, timeout.toMillis() > 0, "1ms or more");
    require(
        "lease",
        lease,
        lease.compareTo(SHORTEST_LEASE) >= 0 && lease.compareTo(LONGEST_LEASE) <= 0,
        "100ms to 30s");
  }

  private static void require(String name, Duration value, boolean valid, String allowed) {
    if (!valid) {
      throw new IllegalArgumentException(
          "registry.cache.%s must be %s, not %s".formatted(name, allowed, value));
    }
  }
}
