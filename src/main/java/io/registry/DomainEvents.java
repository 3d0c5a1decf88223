package io.registry;

import io.registry.image.ImageEvents;
import io.registry.image.ImagePushed;
import io.registry.repository.RepositoryEvent;
import io.registry.repository.RepositoryEvents;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;

/**
 * Publishes domain events to the listeners, synchronously in the thread of the request and before
 * the client gets its answer. A listener that fails is logged; it does not make the push fail.
 */
final class DomainEvents implements RepositoryEvents, ImageEvents {
  private static final Logger log = LoggerFactory.getLogger(DomainEvents.class);

  private final ApplicationEventPublisher publisher;

  DomainEvents(ApplicationEventPublisher publisher) {
    this.publisher = publisher;
  }

  @Override
  public void publish(RepositoryEvent event) {
    publish(event);
  }

  @Override
  public void publish(ImagePushed event) {
    publish(event);
  }

  private void publish(Object event) {
    try {
      publisher.publishEvent(event);
    } catch (RuntimeException e) {
      log.error("A listener of {} failed", event, e);
    }
  }
}
