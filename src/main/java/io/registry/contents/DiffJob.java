package io.registry.contents;

import io.registry.image.ImageId;

/**
 * The work to compare one image, which nobody else has at the same time. Ends by one of the four
 * methods that say so; when the process dies before, others may get it.
 */
public interface DiffJob {

  /** The image. */
  ImageId image();

  /**
   * Whether it is still this worker's. When it is not, it has to be left off: others may have it.
   */
  boolean isHeld();

  /** Ends it: the comparison is stored, or nobody can want it any more. */
  void done();

  /**
   * Ends it: it can never be done with this layer.
   *
   * @param layer the version of the layer
   * @param reason why, in words for the client
   */
  void refuse(String layer, String reason);

  /** Puts it back, to be tried again after a while; not for ever. */
  void retry();

  /** Puts it back unchanged, because this worker stops. */
  void release();
}
