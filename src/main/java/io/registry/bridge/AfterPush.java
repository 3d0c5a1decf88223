package io.registry.bridge;

import io.registry.content.image.ImagePushed;
import io.registry.content.manifest.Origins;
import io.registry.content.repository.RepositoryEvent;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
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
  private final Origins origins;
  private final Executor executor;

  AfterPush(LayerDigests layers, ImageBridge bridge, Origins origins, Executor executor) {
    this.layers = layers;
    this.bridge = bridge;
    this.origins = origins;
    this.executor = executor;
  }

  @EventListener
  void pushed(ImagePushed event) {
    var unused = layers.of(event.image()).whenComplete((facts, failure) -> note(event, failure));
  }

  @EventListener
  void tagged(RepositoryEvent.TagSet event) {
    try {
      // The client that set the tag does not wait for what is read from the store.
      executor.execute(() -> prepare(event));
    } catch (RejectedExecutionException e) {
      note(event, e);
    }
  }

  private void prepare(RepositoryEvent.TagSet event) {
    try {
      if (event.image().isManifest() || origins.find(event.image()).isPresent()) {
        // It came over V2, and is served as it came.
        return;
      }
      var unused = bridge.of(event.image()).whenComplete((image, failure) -> note(event, failure));
    } catch (RuntimeException e) {
      note(event, e);
    }
  }

  // The first pull tries again, and tells the client.
  private static void note(Object event, @Nullable Throwable failure) {
    if (failure != null) {
      log.debug("Not prepared after {}: {}", event, failure.toString());
    }
  }
}
