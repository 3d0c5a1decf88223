package io.registry.content.image;

/**
 * Is notified before a complete image that has lost its layer is replaced. Complete images with a
 * layer never change, so a cache of such images needs no other notification.
 */
public interface ImageChanges {

  /**
   * Notifies that an image may be replaced from now on. When this returns, no cache returns old
   * data of it.
   *
   * @param id the image
   * @throws io.registry.storage.StorageException when that cannot be guaranteed
   */
  void beforeReplacing(ImageId id);
}
