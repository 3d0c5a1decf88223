package io.registry.bridge;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of V2: how V1 images are served over it, and what clients may push.
 *
 * @param enabled whether {@code /v2/} is served
 * @param directory the directory for what is derived from V1 images, when the store is only read
 *     ({@code registry.read-only}); otherwise it is kept in the store
 * @param workers how many layers are read at the same time to find out their digests; 0 for one for
 *     each processor
 * @param patience how long a client waits for layers that are read for the first time, before the
 *     server answers 503; the work goes on
 * @param versionHeader to which clients {@code Docker-Distribution-Api-Version} is sent: daemons up
 *     to 1.9 use V2 only when they see it, and cannot read what V2 serves
 * @param preparePushes whether images that clients push over V1 are prepared for V2 at once: the
 *     digests of their layers are found out while the layers come in
 * @param backfill whether the server prepares all tagged images for V2 in the background, after its
 *     start
 * @param manifestSize largest manifest that clients may push, at least 4MB and at most 64MB
 * @param v1Platform the platform of an image for several platforms that V1 clients get, as
 *     OS/ARCHITECTURE or OS/ARCHITECTURE/VARIANT
 */
@Validated
@ConfigurationProperties("registry.v2")
public record BridgeProperties(
    @DefaultValue("true") boolean enabled,
    @DefaultValue("./index/v2") @NotNull String directory,
    @DefaultValue("0") @Min(0) @Max(256) int workers,
    @DefaultValue("10m") @NotNull Duration patience,
    @DefaultValue("auto") @NotNull VersionHeader versionHeader,
    @DefaultValue("true") boolean preparePushes,
    @DefaultValue("false") boolean backfill,
    @DefaultValue("4MB") @NotNull DataSize manifestSize,
    @DefaultValue("linux/amd64") @NotNull @Pattern(regexp = "[a-z0-9]+/[a-z0-9_]+(/[a-z0-9]+)?")
        String v1Platform) {
  private static final DataSize MIN_MANIFEST_SIZE = DataSize.ofMegabytes(4);
  private static final DataSize MAX_MANIFEST_SIZE = DataSize.ofMegabytes(64);

  /**
   * Validates the limits.
   *
   * @throws IllegalArgumentException when one is out of range
   */
  public BridgeProperties {
    if (manifestSize.compareTo(MIN_MANIFEST_SIZE) < 0
        || manifestSize.compareTo(MAX_MANIFEST_SIZE) > 0) {
      throw new IllegalArgumentException(
          "registry.v2.manifest-size must be at least 4MB and at most 64MB, not " + manifestSize);
    }
  }

  /** To which clients {@code Docker-Distribution-Api-Version} is sent. */
  public enum VersionHeader {
    /** To all but Docker daemons, which fall back to V1 without it. */
    AUTO,
    /** To every client. */
    ALWAYS,
    /** To no client. */
    NEVER
  }
}
