package io.registry.operations.collect;

import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import java.util.Optional;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of the garbage collection (docs/gc.md).
 *
 * @param enabled whether content may be removed. All registries that write to the store must have
 *     the same value, and no other program may write to it: no Python registry, and no earlier
 *     version of this one
 * @param schedule when a collection begins, as a cron expression with six fields; empty for never
 * @param grace how long content stays after nothing keeps it alive, and after a client was told
 *     that it is there
 * @param untagged how long a manifest stays that no tag leads to, or {@code never}: then it always
 *     stays
 * @param rate how many things are removed in a second at most
 * @param maxCondemned how many things one collection removes at most; each takes about 50 bytes of
 *     memory in every registry
 * @param lease how long a registry relies on what it has read of the collections, which is how old
 *     its knowledge is at most
 */
@Validated
@ConfigurationProperties("registry.gc")
public record CollectProperties(
    @DefaultValue("false") boolean enabled,
    @DefaultValue("") String schedule,
    @DefaultValue("24h") @NotNull Duration grace,
    @DefaultValue("7d") @NotNull String untagged,
    @DefaultValue("200") int rate,
    @DefaultValue("100000") int maxCondemned,
    @DefaultValue("30s") @NotNull Duration lease) {
  private static final String NEVER = "never";

  /**
   * Validates the values.
   *
   * @throws IllegalArgumentException when one is not possible
   */
  public CollectProperties {
    if (grace.isNegative()) {
      throw new IllegalArgumentException("registry.gc.grace must not be negative");
    }
    if (rate < 1 || maxCondemned < 1) {
      throw new IllegalArgumentException(
          "registry.gc.rate and registry.gc.max-condemned must be at least 1");
    }
    if (lease.isNegative() || lease.isZero()) {
      throw new IllegalArgumentException("registry.gc.lease must be longer than 0");
    }
    Optional<Duration> unused = untaggedFor(untagged);
  }

  /** How long a manifest without a tag stays; empty for always. */
  Optional<Duration> untaggedTime() {
    return untaggedFor(untagged);
  }

  private static Optional<Duration> untaggedFor(String text) {
    if (text.equals(NEVER)) {
      return Optional.empty();
    }
    try {
      return Optional.of(DurationStyle.detectAndParse(text)).filter(time -> !time.isNegative());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "registry.gc.untagged is a time such as 7d, or never: not " + text, e);
    }
  }
}
