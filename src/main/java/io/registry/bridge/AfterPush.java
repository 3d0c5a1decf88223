package io.registry.bridge;

import io.registry.image.ImagePushed;
import io.registry.repository.RepositoryEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.event.EventListener;

/**
 * Prepares what was pushed over V1, so that the first client that pulls it over V2 need not wait.
 */
final class AfterPush {
  private static final Logger log = LoggerFactory.getLogger(AfterPush.class);

  private final LayerDigests layers;
  private final ImageBridge bridge;

  AfterPush(LayerDigests layers, ImageBridge bridge) {
    this.layers = layers;
    this.bridge = bridge;
  }

  @EventListener
  void pushed(ImagePushed event) {
    layers.of(event.image()).whenComplete((facts, failure) -> note(event, failure));
  }

  @EventListener
  void tagged(RepositoryEvent.TagSet event) {
    bridge.of(event.image()).whenComplete((image, failure) -> note(event, failure));
  }

  // The first pull tries again, and tells the client.
  private static void note(Object event, Throwable failure) {
    if (failure != null) {
      log.debug("Not prepared after {}: {}", event, failure.toString());
    }
  }
}
