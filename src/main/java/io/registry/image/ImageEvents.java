package io.registry.image;

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
}
