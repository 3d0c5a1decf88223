package io.registry.image;

/** Is told what has happened to images, after it happened. */
@FunctionalInterface
public interface ImageEvents {
  /** Tells nothing. */
  ImageEvents UNHEARD = event -> {};

  /**
   * Tells it on. Never fails: that something was not told is no reason to refuse what was done.
   *
   * @param event what happened
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
