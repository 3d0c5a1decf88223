package io.registry.upstream.mirror;

import io.registry.content.image.ImageCopies;
import io.registry.content.image.ImageDescriptor;
import io.registry.content.image.ImageId;
import io.registry.content.image.ImageReader;
import io.registry.platform.client.CallFailure;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.storage.Blob;
import io.registry.storage.BlobInfo;
import io.registry.storage.ByteRange;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Reads images from the local store, and fetches missing ones from the source. The source is not
 * asked for an image that is in the local store or being pushed; an image that the source does not
 * have stays unknown.
 */
final class MirroredImages implements ImageReader {
  private final ImageReader local;
  private final V1Source source;
  private final SourceImages images;
  private final FetchedLayer.Parts parts;
  private final LayerFetches layers;
  private final MirrorMeters meters;

  MirroredImages(
      ImageReader local, FetchedLayer.Parts parts, LayerFetches layers, MirrorMeters meters) {
    this.local = local;
    this.source = parts.source();
    this.images = parts.images();
    this.parts = parts;
    this.layers = layers;
    this.meters = meters;
  }

  @Override
  public ImageDescriptor describe(ImageId id) {
    ImageDescriptor image =
        described(
            "json",
            id,
            () -> local.describe(id),
            copy -> new ImageDescriptor(copy.json(), Optional.empty(), copy.checksums()));
    if (image.layer().isPresent()) {
      return image;
    }
    // Daemons up to 0.10 require the size, and others resume only when they know it (protocol 9.5).
    Optional<BlobInfo> layer =
        images
            .find(id)
            .map(SourceImage::size)
            .filter(OptionalLong::isPresent)
            .map(size -> new BlobInfo(size.getAsLong(), ""));
    return new ImageDescriptor(image.json(), layer, image.checksums());
  }

  @Override
  public List<ImageId> ancestry(ImageId id) {
    return described("ancestry", id, () -> local.ancestry(id), ImageCopies.Description::ancestry);
  }

  // The image may become complete between two checks.
  private <V> V described(
      String what, ImageId id, Supplier<V> reading, Function<ImageCopies.Description, V> staged) {
    try {
      V found = reading.get();
      meters.got(what, true);
      return found;
    } catch (RegistryException e) {
      requireAbsent(e);
      meters.got(what, false);
      Optional<ImageCopies.Description> copy = images.description(id);
      if (copy.isPresent()) {
        return staged.apply(copy.get());
      }
      if (images.find(id).isEmpty()) {
        throw e;
      }
      return reading.get();
    }
  }

  private static void requireAbsent(RegistryException refusal) {
    if (refusal.problem() != Problem.NOT_FOUND) {
      throw refusal;
    }
  }

  @Override
  public BlobInfo layerInfo(ImageId id) {
    try {
      return local.layerInfo(id);
    } catch (RegistryException e) {
      requireAbsent(e);
      return new BlobInfo(layers.size(id).or(() -> askSize(id)).orElseThrow(() -> e), "");
    }
  }

  private Optional<Long> askSize(ImageId id) {
    try {
      return source.layerSize(id);
    } catch (CallFailure e) {
      return Optional.empty();
    }
  }

  // The store signs links without checking that the object exists.
  @Override
  public Optional<URI> layerUrl(ImageId id) {
    return local.layerUrl(id).filter(url -> isHere(id));
  }

  private boolean isHere(ImageId id) {
    try {
      local.layerInfo(id);
      return true;
    } catch (RegistryException e) {
      requireAbsent(e);
      return false;
    }
  }

  @Override
  public Blob layer(ImageId id, ByteRange range) {
    try {
      Blob layer = local.layer(id, range);
      meters.got("layer", true);
      return layer;
    } catch (RegistryException e) {
      requireAbsent(e);
      meters.got("layer", false);
      if (images.find(id).isEmpty()) {
        throw e;
      }
      return layers
          .open(new FetchedLayer(id, parts), range)
          .orElseGet(() -> local.layer(id, range));
    }
  }

  /** A tag of this registry may only name an image in its own store. */
  @Override
  public void requireComplete(ImageId id) {
    local.requireComplete(id);
  }
}
