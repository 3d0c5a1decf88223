package io.registry.image;

import io.registry.json.JsonCodec;
import io.registry.problem.Problem;
import io.registry.problem.RegistryException;
import io.registry.storage.Blob;
import io.registry.storage.BlobStorage;
import io.registry.storage.ByteRange;
import io.registry.storage.UnsatisfiableRangeException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Finished images, read from the store each time. The mark of an unfinished one is looked for last:
 * looked for first, it could be made between that look and the read.
 */
public final class StoredImages implements ImageReader {
  private final BlobStorage storage;
  private final StoredChecksums checksums;
  private final Ancestries ancestries;

  /**
   * A reader.
   *
   * @param storage where the images are
   * @param codec reads their JSON
   */
  public StoredImages(BlobStorage storage, JsonCodec codec) {
    this.storage = storage;
    this.checksums = new StoredChecksums(storage, codec);
    this.ancestries = new Ancestries(storage, codec);
  }

  @Override
  public ImageDescriptor describe(ImageId id) {
    Optional<byte[]> json = storage.read(ImageKeys.json(id), ImageKeys.SMALL);
    OptionalLong layerSize = storage.size(ImageKeys.layer(id));
    List<Checksum> sums = checksums.read(ImageKeys.checksum(id));
    refuseUnfinished(id);
    return new ImageDescriptor(json.orElseThrow(StoredImages::notFound), layerSize, sums);
  }

  @Override
  public Blob layer(ImageId id, ByteRange range) {
    Optional<Blob> layer = open(id, range);
    try {
      refuseUnfinished(id);
    } catch (RuntimeException e) {
      layer.ifPresent(Blob::close);
      throw e;
    }
    return layer.orElseThrow(StoredImages::notFound);
  }

  private Optional<Blob> open(ImageId id, ByteRange range) {
    try {
      return storage.open(ImageKeys.layer(id), range);
    } catch (UnsatisfiableRangeException e) {
      refuseUnfinished(id);
      throw e;
    }
  }

  @Override
  public List<ImageId> ancestry(ImageId id) {
    Optional<List<ImageId>> ancestry = ancestries.read(id);
    refuseUnfinished(id);
    return ancestry.orElseThrow(StoredImages::notFound);
  }

  @Override
  public void requireComplete(ImageId id) {
    if (!storage.exists(ImageKeys.json(id))) {
      throw notFound();
    }
    if (storage.exists(ImageKeys.mark(id)) || !storage.exists(ImageKeys.layer(id))) {
      throw new RegistryException(Problem.INVALID, "Image is not complete");
    }
  }

  private void refuseUnfinished(ImageId id) {
    if (storage.exists(ImageKeys.mark(id))) {
      throw new RegistryException(Problem.IN_PROGRESS, "Image is being uploaded, retry later");
    }
  }

  private static RegistryException notFound() {
    return new RegistryException(Problem.NOT_FOUND, "Image not found");
  }
}
