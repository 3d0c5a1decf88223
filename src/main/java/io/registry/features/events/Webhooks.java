package io.registry.features.events;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.registry.content.repository.NamePattern;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes events to the outbox, for each webhook that wants them, before the client gets its answer.
 * A database failure does not make a push fail: the lost event is logged, and while the database is
 * unavailable only one request in five seconds waits for it.
 */
final class Webhooks implements EventSink {
  private static final Logger log = LoggerFactory.getLogger(Webhooks.class);
  private static final Duration REST = Duration.ofSeconds(5);

  private final Map<String, Wish> wishes = new TreeMap<>();
  private final Envelope envelope;
  private final Outbox outbox;
  private final Consumer<String> news;
  private final EventMeters meters;
  private final CircuitBreaker circuit;

  Webhooks(
      Map<String, WebhookProperties> settings,
      Envelope envelope,
      Outbox outbox,
      Consumer<String> news,
      EventMeters meters,
      Clock clock) {
    settings.forEach((name, webhook) -> wishes.put(name, Wish.of(webhook)));
    this.envelope = envelope;
    this.outbox = outbox;
    this.news = news;
    this.meters = meters;
    this.circuit =
        CircuitBreaker.of(
            "outbox",
            CircuitBreakerConfig.custom()
                .slidingWindowSize(1)
                .minimumNumberOfCalls(1)
                .waitDurationInOpenState(REST)
                .permittedNumberOfCallsInHalfOpenState(1)
                .writableStackTraceEnabled(false)
                .clock(clock)
                .build());
  }

  /** The events that a webhook wants. */
  private record Wish(Set<EventKind> kinds, List<NamePattern> repositories) {
    static Wish of(WebhookProperties settings) {
      return new Wish(
          Set.copyOf(settings.events()),
          settings.repositories().stream().map(NamePattern::new).toList());
    }

    // An image has no single repository, so it is sent only to webhooks without repository
    // patterns.
    boolean covers(EventRecord event) {
      return kinds.contains(event.kind())
          && (repositories.isEmpty()
              || event
                  .repository()
                  .filter(
                      name ->
                          repositories.stream()
                              .anyMatch(pattern -> pattern.matches(name.toString())))
                  .isPresent());
    }
  }

  @Override
  public void take(EventRecord event) {
    List<String> wanting =
        wishes.entrySet().stream()
            .filter(wish -> wish.getValue().covers(event))
            .map(Map.Entry::getKey)
            .toList();
    if (wanting.isEmpty()) {
      return;
    }
    Message message = new Message(event.id(), event.subject(), envelope.write(event));
    try {
      if (circuit.executeSupplier(() -> outbox.add(wanting, message))) {
        wanting.forEach(news);
      } else {
        lose(message, wanting, "full", "the outbox is full");
      }
    } catch (CallNotPermittedException e) {
      lose(message, wanting, "database", "the database is not asked for a while after a failure");
    } catch (RuntimeException e) {
      log.debug("The outbox did not accept the event", e);
      lose(message, wanting, "database", String.valueOf(e.getMessage()));
    }
  }

  private void lose(Message message, List<String> wanting, String reason, String text) {
    meters.isLost(reason);
    log.error(
        "An event for the webhooks {} is lost, because {}: {}", wanting, text, message.body());
  }
}
