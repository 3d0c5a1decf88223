package io.registry.ops;

import io.registry.events.WebhookBacklog;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** Whether webhooks are told what happens. When not, the registry works as before. */
public final class WebhookHealth implements HealthIndicator {
  private final WebhookBacklog backlog;

  /**
   * A health indicator.
   *
   * @param backlog knows what webhooks were not told
   */
  public WebhookHealth(WebhookBacklog backlog) {
    this.backlog = backlog;
  }

  @Override
  public Health health() {
    return backlog.isBehind() ? Health.status(RedisHealth.DEGRADED).build() : Health.up().build();
  }
}
