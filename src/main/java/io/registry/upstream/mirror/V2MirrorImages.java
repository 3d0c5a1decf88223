package io.registry.upstream.mirror;

import io.registry.content.image.ImageDescriptor;
import io.registry.content.image.ImageId;
import io.registry.content.image.ImageReader;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.storage.Blob;
import io.registry.storage.BlobInfo;
import io.registry.storage.ByteRange;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Reads images; those that clients were shown of a source that speaks V2 are made first. */
record V2MirrorImages(ImageReader others, V2Mirror mirror) implements ImageReader {

  private <V> V read(ImageId id, Supplier<V> reading) {
    try {
      return reading.get();
    } catch (RegistryException e) {
      if (e.problem() != Problem.NOT_FOUND || !mirror.make(id, () -> isComplete(id))) {
        throw e;
      }
      return reading.get();
    }
  }

  private boolean isComplete(ImageId id) {
    try {
      others.requireComplete(id);
      return true;
    } catch (RegistryException e) {
      return false;
    }
  }

  @Override
  public ImageDescriptor describe(ImageId id) {
    return read(id, () -> others.describe(id));
  }

  @Override
  public List<ImageId> ancestry(ImageId id) {
    return read(id, () -> others.ancestry(id));
  }

  @Override
  public BlobInfo layerInfo(ImageId id) {
    return read(id, () -> others.layerInfo(id));
  }

  @Override
  public Blob layer(ImageId id, ByteRange range) {
    return read(id, () -> others.layer(id, range));
  }

  @Override
  public Optional<URI> layerUrl(ImageId id) {
    return others.layerUrl(id);
  }

  /** A tag of this registry may only name an image in its own store. */
  @Override
  public void requireComplete(ImageId id) {
    others.requireComplete(id);
  }
}
