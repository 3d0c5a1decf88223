package io.registry.contents;

import io.registry.image.ImageId;
import java.time.Duration;
import java.util.Optional;

/**
 * Images that wait to be compared with those below. Each is in the queue once, from when it is
 * added until it is done or given up. Safe for use by many threads.
 */
public interface DiffQueue {

  /**
   * Adds an image, unless it is there already or too many are. Never fails, and does not wait for
   * longer than a request may.
   *
   * @param id the image
   */
  void add(ImageId id);

  /**
   * Takes an image out to compare it.
   *
   * @param patience how long to wait for one
   * @return the work; nothing when there is none
   * @throws InterruptedException when the thread is to end
   */
  Optional<DiffJob> take(Duration patience) throws InterruptedException;

  /**
   * Why an image was given up, while that is remembered.
   *
   * @param id the image
   * @param layer the version of its layer
   * @return the reason, in words for the client
   */
  Optional<String> refusal(ImageId id, String layer);

  /** About how many images wait. */
  long length();
}
