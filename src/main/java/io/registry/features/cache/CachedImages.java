package io.registry.features.cache;

import io.registry.content.image.ImageDescriptor;
import io.registry.content.image.ImageId;
import io.registry.content.image.ImageReader;
import io.registry.content.image.StoredImages;
import io.registry.content.liveness.ContentUnit;
import io.registry.content.liveness.RemovalGuard;
import io.registry.storage.Blob;
import io.registry.storage.BlobInfo;
import io.registry.storage.ByteRange;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/** Caches everything of an image except its layer. */
public final class CachedImages implements ImageReader {
  private final StoredImages stored;
  private final ImageCache cache;
  private final RemovalGuard guard;

  /**
   * Creates a cached reader.
   *
   * @param stored reads the store
   * @param cache the cache
   * @param guard is asked before the cache says that an image is there
   */
  public CachedImages(StoredImages stored, ImageCache cache, RemovalGuard guard) {
    this.stored = stored;
    this.cache = cache;
    this.guard = guard;
  }

  @Override
  public ImageDescriptor describe(ImageId id) {
    if (!guard.isThere(ContentUnit.of(id))) {
      return stored.describe(id);
    }
    return cache.descriptors().get(id, () -> stored.lookAt(id), () -> stored.describe(id));
  }

  @Override
  public List<ImageId> ancestry(ImageId id) {
    if (!guard.isThere(ContentUnit.of(id))) {
      return stored.ancestry(id);
    }
    return cache.ancestries().get(id, () -> stored.lookAtAncestry(id), () -> stored.ancestry(id));
  }

  @Override
  public BlobInfo layerInfo(ImageId id) {
    return stored.layerInfo(id);
  }

  @Override
  public Optional<URI> layerUrl(ImageId id) {
    return stored.layerUrl(id);
  }

  @Override
  public Blob layer(ImageId id, ByteRange range) {
    // Saves the lookup of the mark in the store when another process has cached its result.
    cache
        .descriptors()
        .find(id)
        .flatMap(ImageDescriptor::layer)
        .ifPresent(layer -> stored.remember(id, layer));
    return stored.layer(id, range);
  }

  @Override
  public void requireComplete(ImageId id) {
    stored.requireComplete(id);
  }
}
