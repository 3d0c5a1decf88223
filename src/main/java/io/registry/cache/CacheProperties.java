package io.registry.cache;

import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of the caches, in the process and in Redis.
 *
 * @param tagsTtl how long tags and image lists are remembered at most; 0 to read them from the
 *     store each time. Changes made by registries of this kind are seen at once whatever this is
 * @param imagesTtl how long images are remembered at most; 0 to read them from the store each time
 * @param memory how much of the heap each of the caches in the process takes at most
 * @param entrySize with the profile redis: what takes more than that is not remembered there
 * @param timeout with the profile redis: how long a request waits for Redis, once
 * @param lease how long a process goes by what is remembered without asking the store whether that
 *     still holds; whoever changes a tag while Redis is out of reach waits so long and a quarter
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
   * Checks the durations.
   *
   * @throws IllegalArgumentException when one makes no sense
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
