package io.registry.content.image;

/** Publishes events about images after they happened. */
@FunctionalInterface
public interface ImageEvents {
  /** Publishes nothing. */
  ImageEvents UNHEARD = event -> {};

  /**
   * Publishes an event. Never throws: a failed notification must not make a completed request fail.
   *
   * @param event the event
   */
  void publish(ImagePushed event);

  /**
   * Watches a layer that begins to come in.
   *
   * @param image the image that the client sends it for
   * @return the watch, which the caller closes
   */
  default LayerWatch watch(ImageId image) {
    return LayerWatch.NONE;
  }
}
