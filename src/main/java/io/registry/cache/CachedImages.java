package io.registry.cache;

import io.registry.image.ImageDescriptor;
import io.registry.image.ImageId;
import io.registry.image.ImageReader;
import io.registry.storage.Blob;
import io.registry.storage.ByteRange;
import java.util.List;
import org.springframework.cache.Cache;

/**
 * Finished images, with their ancestries remembered: these never change once an image is complete.
 * A refusal is not remembered.
 */
public final class CachedImages implements ImageReader {
  /** The name of the cache that the ancestries are kept in. */
  public static final String ANCESTRY = "ancestry";

  private final ImageReader images;
  private final Cache ancestries;

  /**
   * A remembering reader.
   *
   * @param images answers what is not remembered
   * @param ancestries a list of ids by image
   */
  public CachedImages(ImageReader images, Cache ancestries) {
    this.images = images;
    this.ancestries = ancestries;
  }

  @Override
  public ImageDescriptor describe(ImageId id) {
    return images.describe(id);
  }

  @Override
  public Blob layer(ImageId id, ByteRange range) {
    return images.layer(id, range);
  }

  @Override
  public List<ImageId> ancestry(ImageId id) {
    // An image that lost its layer can be uploaded anew.
    images.refuseUnfinished(id);
    Cache.ValueWrapper remembered = ancestries.get(id);
    if (remembered != null && remembered.get() instanceof Ancestry ancestry) {
      return ancestry.ids();
    }
    List<ImageId> ids = images.ancestry(id);
    ancestries.put(id, new Ancestry(ids));
    return ids;
  }

  @Override
  public void refuseUnfinished(ImageId id) {
    images.refuseUnfinished(id);
  }

  @Override
  public void requireComplete(ImageId id) {
    images.requireComplete(id);
  }

  private record Ancestry(List<ImageId> ids) {}
}
