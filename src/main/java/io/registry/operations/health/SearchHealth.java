package io.registry.operations.health;

import io.registry.features.search.SearchIndexer;
import io.registry.features.search.SearchStatus;
import java.util.Locale;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;

/**
 * Health of the search index. Pushes and pulls do not need it, so a registry without it is degraded
 * and not down.
 */
final class SearchHealth implements HealthIndicator {
  private final SearchIndexer indexer;

  /**
   * Creates a health indicator.
   *
   * @param indexer knows the state of the index
   */
  SearchHealth(SearchIndexer indexer) {
    this.indexer = indexer;
  }

  @Override
  public Health health() {
    SearchStatus status = indexer.status();
    Status health = status.state() == SearchStatus.State.FAILED ? RedisHealth.DEGRADED : Status.UP;
    return Health.status(health)
        .withDetail("state", status.state().name().toLowerCase(Locale.ROOT))
        .withDetail("repositories", status.repositories())
        .withDetail("scanned", status.scanned())
        .withDetail("waiting", status.waiting())
        .build();
  }
}
