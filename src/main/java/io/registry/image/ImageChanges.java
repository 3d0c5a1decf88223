package io.registry.image;

/**
 * Is told when an image that was finished once, and lost its layer since, is about to be replaced.
 * What is finished and whole never changes, so whoever remembers only that need know no more.
 */
public interface ImageChanges {

  /**
   * Tells that an image may be replaced from now on. When this returns, nobody is told any more
   * what is remembered of it.
   *
   * @param id the image
   * @throws io.registry.storage.StorageException when that cannot be made sure
   */
  void beforeReplacing(ImageId id);
}
