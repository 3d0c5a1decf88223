package io.registry.content.image;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Limits of incomplete uploads. A client is an account, or an address in the mode without accounts.
 *
 * @param expireAfter after how long without a request an upload is removed
 * @param sweepInterval how often the store is searched for such uploads
 * @param perClient up to how many images one client may have begun and not completed
 * @param total up to how many images all clients together may have begun and not completed
 * @param bytesPerClient largest total size of one client's incomplete uploads
 * @param bytesTotal largest total size of all incomplete uploads
 */
@ConfigurationProperties("registry.uploads")
public record UploadProperties(
    @DefaultValue("24h") Duration expireAfter,
    @DefaultValue("1h") Duration sweepInterval,
    @DefaultValue("1000") int perClient,
    @DefaultValue("10000") int total,
    @DefaultValue("256GB") DataSize bytesPerClient,
    @DefaultValue("1TB") DataSize bytesTotal) {

  /** The default limits. */
  public static final UploadProperties DEFAULTS =
      new UploadProperties(
          Duration.ofHours(24),
          Duration.ofHours(1),
          1_000,
          10_000,
          DataSize.ofGigabytes(256),
          DataSize.ofTerabytes(1));
}
