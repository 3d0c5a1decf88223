package io.registry.features.events;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.util.Map;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of the events.
 *
 * @param log whether each event is written to the logger {@code registry.events}
 * @param webhooks receivers over HTTP, by name: {@code registry.events.webhooks.NAME.url} and so on
 * @param outboxSize up to how many events wait to be delivered or are kept as dead letters
 */
@Validated
@ConfigurationProperties("registry.events")
public record EventProperties(
    @DefaultValue("false") boolean log,
    @DefaultValue Map<String, @Valid WebhookProperties> webhooks,
    @DefaultValue("10000") @Min(1) @Max(10_000_000) int outboxSize) {
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,63}");
  private static final int MAX_WEBHOOKS = 50;

  /**
   * Validates the names.
   *
   * @throws IllegalArgumentException when a name is not valid, or there are more than 50 webhooks
   */
  public EventProperties {
    webhooks = Map.copyOf(webhooks);
    if (webhooks.size() > MAX_WEBHOOKS) {
      throw new IllegalArgumentException(
          "registry.events.webhooks must be at most " + MAX_WEBHOOKS);
    }
    webhooks
        .keySet()
        .forEach(
            name -> {
              if (!NAME.matcher(name).matches()) {
                throw new IllegalArgumentException(
                    "registry.events.webhooks: a name is of a-z, 0-9 and -, as is not " + name);
              }
            });
  }
}
