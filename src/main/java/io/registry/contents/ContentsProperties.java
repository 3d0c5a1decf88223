package io.registry.contents;

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
 * Settings of what is told of the insides of layers.
 *
 * @param enabled whether the routes {@code files} and {@code diff} are there
 * @param diffAfterPush whether each image that was pushed is compared with those below in the
 *     background; otherwise that is done when somebody asks for it
 * @param workers how many images are compared at the same time; 0 to leave that to other replicas
 * @param queue how many images may wait for that
 * @param claim with the profile redis: so long after its last sign of life the work of a replica is
 *     taken over by another one
 * @param listings how many layers are listed at the same time for clients who wait
 * @param patience how long a client waits until the layer is listed, before it is told to come
 *     again
 * @param limits what is read of a layer at most
 */
@Validated
@ConfigurationProperties("registry.contents")
public record ContentsProperties(
    @DefaultValue("true") boolean enabled,
    @DefaultValue("true") boolean diffAfterPush,
    @DefaultValue("1") @Min(0) @Max(64) int workers,
    @DefaultValue("10000") @Min(1) int queue,
    @DefaultValue("1m") @NotNull Duration claim,
    @DefaultValue("2") @Min(1) @Max(64) int listings,
    @DefaultValue("30s") @NotNull Duration patience,
    @DefaultValue @NotNull @Valid Limits limits) {
  private static final Duration SHORTEST_CLAIM = Duration.ofSeconds(1);

  /**
   * Checks the durations.
   *
   * @throws IllegalArgumentException when one makes no sense
   */
  public ContentsProperties {
    require("claim", claim.compareTo(SHORTEST_CLAIM) >= 0, "1s or more", claim);
    require("patience", !patience.isNegative(), "0 or more", patience);
  }

  private static void require(String name, boolean valid, String allowed, Object value) {
    if (!valid) {
      throw new IllegalArgumentException(
          "registry.contents.%s must be %s, not %s".formatted(name, allowed, value));
    }
  }

  /**
   * What is read of a layer at most. One that has more is not listed.
   *
   * @param entries how many files and folders it may have
   * @param nameLength how long the name of one may be, in bytes
   * @param listing how long its list may be, as JSON
   * @param size how much it may have when it is unpacked
   * @param ratio how many times larger it may be unpacked than packed; counts from 64 MB on
   * @param time how long its list may take
   * @param memory how much memory unpacking may take, and never more than a quarter of the heap
   */
  public record Limits(
      @DefaultValue("1000000") @Min(1) int entries,
      @DefaultValue("4KB") @NotNull DataSize nameLength,
      @DefaultValue("256MB") @NotNull DataSize listing,
      @DefaultValue("64GB") @NotNull DataSize size,
      @DefaultValue("250") @Min(1) int ratio,
      @DefaultValue("10m") @NotNull Duration time,
      @DefaultValue("80MB") @NotNull DataSize memory) {

    /**
     * Checks the sizes.
     *
     * @throws IllegalArgumentException when one makes no sense
     */
    public Limits {
      require("limits.name-length", isWithinInt(nameLength), "1B to 1GB", nameLength);
      require("limits.listing", listing.toBytes() > 0, "more than 0", listing);
      require("limits.size", size.toBytes() > 0, "more than 0", size);
      require("limits.time", !time.isNegative() && !time.isZero(), "more than 0", time);
      require("limits.memory", memory.toBytes() > 0, "more than 0", memory);
    }

    /** The same limits, for readers that nothing waits for. */
    public Limits withTime(Duration newTime) {
      return new Limits(entries, nameLength, listing, size, ratio, newTime, memory);
    }

    private static boolean isWithinInt(DataSize size) {
      return size.toBytes() > 0 && size.toGigabytes() <= 1;
    }
  }
}
