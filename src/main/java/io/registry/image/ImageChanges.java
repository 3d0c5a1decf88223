package io.registry.image;

/**
 * Is told when an image that was finished once, and lost its layer since, is about to be replaced.
 * What is finished and whole never changes, so a cache of such images need know no more.
 */
public interface ImageChanges {

  /**
   * Tells that an image may be replaced from now on. When this returns, no cache answers with what
   * it remembers of it.
   *
   * @param id the image
   * @throws io.registry.storage.StorageException when that cannot be made sure
   */
  void beforeReplacing(ImageId id);
}
