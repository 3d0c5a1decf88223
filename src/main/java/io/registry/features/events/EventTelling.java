package io.registry.features.events;

import io.registry.content.image.ImagePushed;
import io.registry.content.repository.RepositoryEvent;
import java.time.Clock;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.event.EventListener;

/**
 * Turns domain events into event records, with the request that caused them, and passes them to all
 * sinks.
 */
final class EventTelling {
  private static final Logger log = LoggerFactory.getLogger(EventTelling.class);

  private final List<EventSink> sinks;
  private final EventOrigins origins;
  private final Clock clock;

  EventTelling(List<EventSink> sinks, EventOrigins origins, Clock clock) {
    this.sinks = sinks;
    this.origins = origins;
    this.clock = clock;
  }

  @EventListener
  void hear(RepositoryEvent event) {
    pass(EventRecord.of(event, newId(), clock.instant(), origins.current()));
  }

  @EventListener
  void hear(ImagePushed event) {
    pass(EventRecord.of(event, newId(), clock.instant(), origins.current()));
  }

  private static String newId() {
    return UUID.randomUUID().toString();
  }

  // A failing sink must not keep the others from getting the event.
  private void pass(EventRecord event) {
    for (EventSink sink : sinks) {
      try {
        sink.take(event);
      } catch (RuntimeException e) {
        log.error("A receiver of the event {} ({}) failed", event.subject(), event.id(), e);
      }
    }
  }
}
