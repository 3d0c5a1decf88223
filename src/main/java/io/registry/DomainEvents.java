package io.registry;

import io.registry.image.ImageEvents;
import io.registry.image.ImagePushed;
import io.registry.repository.RepositoryEvent;
import io.registry.repository.RepositoryEvents;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;

/**
 * Tells what happened to whoever listens, in the thread in which it happened and before its client
 * is answered. A listener that fails is a defect of its own, and none of the push.
 */
final class DomainEvents implements RepositoryEvents, ImageEvents {
  private static final Logger log = LoggerFactory.getLogger(DomainEvents.class);

  private final ApplicationEventPublisher publisher;

  DomainEvents(ApplicationEventPublisher publisher) {
    this.publisher = publisher;
  }

  @Override
  public void publish(RepositoryEvent event) {
    publishToAll(event);
  }

  @Override
  public void publish(ImagePushed event) {
    publishToAll(event);
  }

  private void publishToAll(Object event) {
    try {
      publisher.publishEvent(event);
    } catch (RuntimeException e) {
      log.error("{} was not heard by all who listen", event, e);
    }
  }
}
