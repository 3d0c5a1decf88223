package io.registry.operations.transfer;

import java.io.IOException;

/** A place that images are imported from. */
interface ImportSource extends AutoCloseable {

  /** Takes images, one after the other. */
  interface Taker {
    /** Takes an image. */
    void take(Found image) throws IOException;

    /**
     * Notes an image that the source cannot give.
     *
     * @param name the name in the source
     * @param failure why
     */
    void failed(Found.Name name, Exception failure) throws IOException;
  }

  /**
   * Hands out all images.
   *
   * @throws IOException when the source cannot be read at all
   */
  void images(Taker taker) throws IOException;

  @Override
  void close() throws IOException;
}
