package io.registry.image;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * How much of the store uploads may take that are not complete. A client is an account, or an
 * address where there are no accounts.
 *
 * @param expireAfter an upload that no request has touched for that long is removed
 * @param sweepInterval how often the store is looked through for such uploads
 * @param perClient how many images one client may have begun and not completed
 * @param total how many images all clients together may have begun and not completed
 * @param bytesPerClient how many bytes one client's unfinished uploads may have
 * @param bytesTotal how many bytes all unfinished uploads may have
 */
@ConfigurationProperties("registry.uploads")
public record UploadProperties(
    @DefaultValue("24h") Duration expireAfter,
    @DefaultValue("1h") Duration sweepInterval,
    @DefaultValue("1000") int perClient,
    @DefaultValue("10000") int total,
    @DefaultValue("256GB") DataSize bytesPerClient,
    @DefaultValue("1TB") DataSize bytesTotal) {

  /** The defaults. */
  public static final UploadProperties DEFAULTS =
      new UploadProperties(
          Duration.ofHours(24),
          Duration.ofHours(1),
          1_000,
          10_000,
          DataSize.ofGigabytes(256),
          DataSize.ofTerabytes(1));
}
