package io.registry.content.files;

import io.registry.content.image.ImageId;
import java.time.Duration;
import java.util.Optional;

/**
 * The images that wait in this process to be compared with their ancestors. Each image is queued
 * once, from when it is added until its comparison is done or given up. Safe for use by many
 * threads. Other replicas have queues of their own: if two of them compare one image, they store
 * the same bytes.
 */
interface DiffQueue {

  /**
   * Adds an image, unless it is queued already or the queue is full. Never throws.
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
