package io.registry.mirror;

import io.registry.image.ImageReader;
import io.registry.repository.ImageLists;
import io.registry.repository.Tags;

/**
 * Decorates the local images, tags and image lists with those of a source registry. The bean exists
 * if a source is configured.
 */
public final class Mirror {
  private final SourceRegistry source;
  private final SourceImages images;
  private final LayerFetches layers;
  private final MirrorMemory memory;
  private final MirrorMeters meters;

  Mirror(
      SourceRegistry source,
      SourceImages images,
      LayerFetches layers,
      MirrorMemory memory,
      MirrorMeters meters) {
    this.source = source;
    this.images = images;
    this.layers = layers;
    this.memory = memory;
    this.meters = meters;
  }

  /** Images that are fetched from the source when they are not in the local store. */
  public ImageReader images(ImageReader local) {
    return new MirroredImages(local, source, images, layers, meters);
  }

  /** The tags of both registries. */
  public Tags tags(Tags local) {
    return new MirroredTags(local, source, memory, meters);
  }

  /** The image lists of both registries. */
  public ImageLists imageLists(ImageLists local) {
    return new MirroredImageLists(local, source, memory, meters);
  }
}
