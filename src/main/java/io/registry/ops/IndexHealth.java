package io.registry.ops;

import io.registry.auth.RemoteIndexVerifier;
import java.time.Clock;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * Whether the index elsewhere can be reached. A registry that has never reached it is down, because
 * somebody may have named the wrong one. Later it is so when three looks in a row have failed: one
 * question without an answer takes nobody out of service, and one answer brings everybody back.
 */
public final class IndexHealth implements HealthIndicator {
  private static final int PATIENCE = 3;

  private final CachedProbe looks;

  /**
   * A health indicator.
   *
   * @param index is asked
   * @param clock tells the time
   */
  public IndexHealth(RemoteIndexVerifier index, Clock clock) {
    this.looks = new CachedProbe(index::isAnswering, clock);
  }

  @Override
  public Health health() {
    CachedProbe.Seen seen = looks.seen();
    boolean away = seen.failures() >= PATIENCE || (!seen.ever() && seen.failures() > 0);
    return away ? Health.down().build() : Health.up().build();
  }
}
