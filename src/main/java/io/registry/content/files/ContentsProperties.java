package io.registry.content.files;

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
 * Settings of the listings and comparisons of layers.
 *
 * @param enabled whether the routes {@code files} and {@code diff} exist
 * @param diffAfterPush whether each pushed image is compared with its ancestors in the background;
 *     otherwise that is done on demand
 * @param workers up to how many images are compared concurrently; 0 to compare none in this process
 * @param queue up to how many images may wait for a comparison
 * @param claim has no effect; settings of earlier versions, which shared the queue of comparisons
 *     over Redis, stay valid
 * @param listings up to how many layers are listed concurrently for clients that wait
 * @param patience how long a client waits until a layer is listed, before it is told to try again
 *     later
 * @param limits limits on the layers that are listed
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
   * Validates the durations.
   *
   * @throws IllegalArgumentException when one is out of range
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
   * Limits on the layers that are listed. A layer beyond them is not listed.
   *
   * @param entries largest number of files and folders
   * @param nameLength longest name of one, in bytes
   * @param listing largest listing, as JSON
   * @param size largest decompressed size
   * @param ratio largest ratio of decompressed to compressed size; applies from 64 MB on
   * @param time longest time that a listing may take
   * @param memory largest amount of memory for decompression, and never more than a quarter of the
   *     heap
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
     * Validates the limits.
     *
     * @throws IllegalArgumentException when one is out of range
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
