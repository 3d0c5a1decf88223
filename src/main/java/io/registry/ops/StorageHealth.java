package io.registry.ops;

import io.registry.storage.BlobStorage;
import io.registry.storage.StorageException;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * Health of the store, for load balancers. It only sends a read, because it is called often; {@link
 * StorageCheck} checks more.
 */
public final class StorageHealth implements HealthIndicator {
  private final BlobStorage storage;

  /**
   * Creates a health indicator.
   *
   * @param storage the store to probe
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
