package io.registry.mirror;

import io.registry.image.ImageReader;
import io.registry.repository.ImageLists;
import io.registry.repository.Tags;

/** Adds what another registry has to what is here. There is one where a source is named. */
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

  /** Images that are fetched when they are not here. */
  public ImageReader images(ImageReader local) {
    return new MirroredImages(local, source, images, layers, meters);
  }

  /** Tags of both registries. */
  public Tags tags(Tags local) {
    return new MirroredTags(local, source, memory, meters);
  }

  /** Image lists of repositories of both registries. */
  public ImageLists imageLists(ImageLists local) {
    return new MirroredImageLists(local, source, memory, meters);
  }
}
