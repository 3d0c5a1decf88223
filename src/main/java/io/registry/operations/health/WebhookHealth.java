package io.registry.operations.health;

import io.registry.features.events.WebhookBacklog;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * Health of the delivery to webhooks. When it fails, the registry still works, so it is degraded
 * and not down.
 */
final class WebhookHealth implements HealthIndicator {
  private final WebhookBacklog backlog;

  /**
   * Creates a health indicator.
   *
   * @param backlog knows the undelivered events
   */
  WebhookHealth(WebhookBacklog backlog) {
    this.backlog = backlog;
  }

  @Override
  public Health health() {
    return backlog.isBehind() ? Health.status(RedisHealth.DEGRADED).build() : Health.up().build();
  }
}
