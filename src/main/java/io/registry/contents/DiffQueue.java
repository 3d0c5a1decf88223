package io.registry.contents;

import io.registry.image.ImageId;
import java.time.Duration;
import java.util.Optional;

/**
 * The queue of images that wait to be compared with their ancestors. Each image is queued once,
 * from when it is added until its comparison is done or given up. Safe for use by many threads.
 */
public interface DiffQueue {

  /**
   * Adds an image, unless it is queued already or the queue is full. Never throws, and does not
   * block for longer than a request may.
   *
   * @param id the image
   */
  void add(ImageId id);

  /**
   * Takes an image in order to compare it.
   *
   * @param patience how long to wait for one
   * @return the job; empty when there is none
   * @throws InterruptedException when the thread is interrupted
   */
  Optional<DiffJob> take(Duration patience) throws InterruptedException;

  /**
   * The reason why the comparison of an image was given up, while it is remembered.
   *
   * @param id the image
   * @param layer the version of its layer
   * @return the reason, as text for the client
   */
  Optional<String> refusal(ImageId id, String layer);

  /** The approximate number of waiting images. */
  long length();
}
