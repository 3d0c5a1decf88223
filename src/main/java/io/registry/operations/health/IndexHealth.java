package io.registry.operations.health;

import io.registry.access.auth.RemoteIndexVerifier;
import java.time.Clock;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * Health of the remote index. A registry that has never reached its index is down, because its URL
 * may be wrong. Later it is down only after three failed probes in a row, so that a single failure
 * takes no registry out of service; one success brings it back.
 */
final class IndexHealth implements HealthIndicator {
  private static final int PATIENCE = 3;

  private final CachedProbe looks;

  /**
   * Creates a health indicator.
   *
   * @param index the index to ping
   * @param clock the time
   */
  IndexHealth(RemoteIndexVerifier index, Clock clock) {
    this.looks = new CachedProbe(index::isAnswering, clock);
  }

  @Override
  public Health health() {
    CachedProbe.Seen seen = looks.seen();
    boolean away = seen.failures() >= PATIENCE || (!seen.ever() && seen.failures() > 0);
    return away ? Health.down().build() : Health.up().build();
  }
}
