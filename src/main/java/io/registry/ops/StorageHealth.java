package io.registry.ops;

import io.registry.storage.BlobStorage;
import io.registry.storage.StorageException;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * Whether the store answers, for those who decide where requests go. Reads only, because it is
 * asked all the time; {@link StorageCheck} tries out more.
 */
public final class StorageHealth implements HealthIndicator {
  private final BlobStorage storage;

  /**
   * A health indicator.
   *
   * @param storage what is asked
   */
  public StorageHealth(BlobStorage storage) {
    this.storage = storage;
  }

  @Override
  public Health health() {
    Health.Builder health = Health.up();
    try {
      storage.probe();
    } catch (StorageException e) {
      health = Health.down(e).withDetail("reason", e.reason());
    }
    return health.withDetail("storage", storage.describe()).build();
  }
}
