package io.registry.content.files;

import io.registry.content.image.ImageId;

/**
 * The job to compare one image, which one worker has at a time. The worker ends it by calling one
 * of the four methods below.
 */
interface DiffJob {

  /** The image. */
  ImageId image();

  /** Ends the job: the comparison is stored, or is not needed any more. */
  void done();

  /**
   * Ends the job: this layer can never be compared.
   *
   * @param layer the version of the layer
   * @param reason the reason, as text for the client
   */
  void refuse(String layer, String reason);

  /** Ends the job and queues it again after a while, up to a number of attempts. */
  void retry();

  /** Puts the job back unchanged, because this worker stops. */
  void release();
}
