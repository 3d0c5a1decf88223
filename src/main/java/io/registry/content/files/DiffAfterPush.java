package io.registry.content.files;

import io.registry.content.image.ImagePushed;
import org.springframework.context.event.EventListener;

/** Queues each image for comparison with its ancestors after it was pushed. */
final class DiffAfterPush {
  private final DiffQueue queue;

  DiffAfterPush(DiffQueue queue) {
    this.queue = queue;
  }

  @EventListener
  void pushed(ImagePushed event) {
    queue.add(event.image());
  }
}
