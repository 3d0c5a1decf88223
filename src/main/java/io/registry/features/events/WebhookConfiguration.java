package io.registry.features.events;

import io.registry.platform.client.Connections;
import io.registry.platform.database.Database;
import io.registry.platform.database.DatabaseConfiguration;
import io.registry.platform.json.JsonCodec;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Configures the delivery to webhooks from an outbox in the database. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnWebhooks
@Import(DatabaseConfiguration.class)
class WebhookConfiguration {
  /** The answer's body is not used; so many bytes are read to keep the connection reusable. */
  private static final int ANSWER = 16 * 1024;

  @Bean
  Outbox outbox(Database database, EventProperties settings, Clock clock) {
    return new Outbox(database, clock, settings.outboxSize());
  }

  @Bean
  WebhookBacklog webhookBacklog(Clock clock) {
    return new WebhookBacklog(clock);
  }

  @Bean(initMethod = "start")
  WebhookDeliveries webhookDeliveries(
      EventProperties settings,
      Connections connections,
      Outbox outbox,
      WebhookBacklog backlog,
      EventMeters meters,
      Clock clock) {
    Map<String, WebhookWorker> workers = new LinkedHashMap<>();
    settings
        .webhooks()
        .forEach(
            (name, webhook) ->
                workers.put(
                    name,
                    new WebhookWorker(
                        name,
                        webhook,
                        new SignedPost(
                            connections.open(webhook.sslBundle(), webhook.connectTimeout()),
                            webhook.target(),
                            ANSWER,
                            clock),
                        outbox,
                        backlog,
                        meters,
                        clock)));
    return new WebhookDeliveries(workers, outbox, clock);
  }

  @Bean
  Webhooks webhooks(
      EventProperties settings,
      JsonCodec codec,
      Outbox outbox,
      WebhookDeliveries deliveries,
      EventMeters meters,
      Clock clock) {
    return new Webhooks(
        settings.webhooks(),
        new Envelope(codec, UUID.randomUUID().toString()),
        outbox,
        deliveries::wake,
        meters,
        clock);
  }

  @Bean
  DeadLetters deadLetters(Database database, WebhookDeliveries deliveries, Clock clock) {
    return new DeadLetters(database, clock, deliveries::wake);
  }
}
