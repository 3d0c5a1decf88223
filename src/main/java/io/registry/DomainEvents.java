package io.registry;

import io.registry.bridge.UploadedLayerDigests;
import io.registry.content.image.ImageEvents;
import io.registry.content.image.ImageId;
import io.registry.content.image.ImagePushed;
import io.registry.content.image.LayerWatch;
import io.registry.content.repository.RepositoryEvent;
import io.registry.content.repository.RepositoryEvents;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.ApplicationEventPublisher;

/**
 * Publishes domain events to the listeners, synchronously in the thread of the request and before
 * the client gets its answer. A listener that fails is logged; it does not make the push fail.
 */
final class DomainEvents implements RepositoryEvents, ImageEvents {
  private static final Logger log = LoggerFactory.getLogger(DomainEvents.class);

  private final ApplicationEventPublisher publisher;
  private final ObjectProvider<UploadedLayerDigests> incoming;

  DomainEvents(ApplicationEventPublisher publisher, ObjectProvider<UploadedLayerDigests> incoming) {
    this.publisher = publisher;
    this.incoming = incoming;
  }

  @Override
  public LayerWatch watch(ImageId image) {
    return incoming.stream().findFirst().map(layers -> layers.watch(image)).orElse(LayerWatch.NONE);
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
      log.error("A listener of {} failed", event, e);
    }
  }
}
