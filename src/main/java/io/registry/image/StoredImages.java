package io.registry.image;

import io.registry.json.JsonCodec;
import io.registry.problem.Problem;
import io.registry.problem.RegistryException;
import io.registry.storage.Blob;
import io.registry.storage.BlobStorage;
import io.registry.storage.ByteRange;
import java.util.List;

/** Finished images, read from the store each time. */
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
    refuseUnfinished(id);
    byte[] json =
        storage.read(ImageKeys.json(id), ImageKeys.SMALL).orElseThrow(StoredImages::notFound);
    return new ImageDescriptor(
        json, storage.size(ImageKeys.layer(id)), checksums.read(ImageKeys.checksum(id)));
  }

  @Override
  public Blob layer(ImageId id, ByteRange range) {
    refuseUnfinished(id);
    return storage.open(ImageKeys.layer(id), range).orElseThrow(StoredImages::notFound);
  }

  @Override
  public List<ImageId> ancestry(ImageId id) {
    refuseUnfinished(id);
    return ancestries.read(id).orElseThrow(StoredImages::notFound);
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

  @Override
  public void refuseUnfinished(ImageId id) {
    if (storage.exists(ImageKeys.mark(id))) {
      throw new RegistryException(Problem.IN_PROGRESS, "Image is being uploaded, retry later");
    }
  }

  private static RegistryException notFound() {
    return new RegistryException(Problem.NOT_FOUND, "Image not found");
  }
}
