package io.registry.features.cache;

import io.registry.content.image.ImageChanges;
import io.registry.content.image.ImageDescriptor;
import io.registry.content.image.ImageId;
import java.util.List;

/**
 * Caches data of images that are complete and therefore cannot change. When an image that has lost
 * its layer is pushed again, all processes on the store drop their cached images
 * (docs/decisions/0004).
 */
public final class ImageCache implements ImageChanges {
  private final CacheLease lease;
  private final ImageMemory<ImageDescriptor> descriptors;
  private final ImageMemory<List<ImageId>> ancestries;

  ImageCache(
      CacheLease lease,
      ImageMemory<ImageDescriptor> descriptors,
      ImageMemory<List<ImageId>> ancestries) {
    this.lease = lease;
    this.descriptors = descriptors;
    this.ancestries = ancestries;
  }

  ImageMemory<ImageDescriptor> descriptors() {
    return descriptors;
  }

  ImageMemory<List<ImageId>> ancestries() {
    return ancestries;
  }

  @Override
  public void beforeReplacing(ImageId id) {
    lease.forget();
  }
}
