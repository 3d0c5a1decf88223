package io.registry.upstream.mirror;

import io.registry.content.image.ImageReader;
import io.registry.content.repository.ImageLists;
import io.registry.content.repository.Tags;
import java.util.Optional;

/**
 * Decorates the local images, tags and image lists with those of a source registry. The bean exists
 * if a source is configured.
 */
public final class Mirror {
  private final FetchedLayer.Parts source;
  private final Optional<V2Mirror> digests;
  private final LayerFetches layers;
  private final MirrorMemory memory;
  private final MirrorMeters meters;

  Mirror(
      FetchedLayer.Parts source,
      Optional<V2Mirror> digests,
      LayerFetches layers,
      MirrorMemory memory,
      MirrorMeters meters) {
    this.source = source;
    this.digests = digests;
    this.layers = layers;
    this.memory = memory;
    this.meters = meters;
  }

  /** Images that are fetched from the source when they are not in the local store. */
  public ImageReader images(ImageReader local) {
    ImageReader images = new MirroredImages(local, source, layers, meters);
    return digests.<ImageReader>map(found -> new V2MirrorImages(images, found)).orElse(images);
  }

  /** The tags of both registries. */
  public Tags tags(Tags local) {
    return new MirroredTags(local, source.source(), memory, meters);
  }

  /** The image lists of both registries. */
  public ImageLists imageLists(ImageLists local) {
    return new MirroredImageLists(local, source.source(), memory, meters);
  }
}
