package io.registry.image;

import io.registry.json.JsonCodec;
import io.registry.problem.Problem;
import io.registry.problem.RegistryException;
import io.registry.storage.Blob;
import io.registry.storage.BlobContent;
import io.registry.storage.BlobInfo;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.ByteRange;
import io.registry.storage.UnsatisfiableRangeException;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Finished images, read from the store each time. The mark of an unfinished one is looked for last:
 * looked for first, it could be made between that look and the read. It is not looked for again
 * when the very version of the file is known to belong to a finished image.
 */
public final class StoredImages implements ImageReader {
  private final BlobStorage storage;
  private final StoredChecksums checksums;
  private final Ancestries ancestries;
  private final FinishedImages finished = new FinishedImages();

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
    Optional<BlobContent> json = storage.load(ImageKeys.json(id), ImageKeys.SMALL);
    if (json.isEmpty()) {
      refuseUnfinished(id);
      throw notFound();
    }
    FinishedImages.Facts facts =
        finished
            .facts(id, json.get().version())
            .orElseGet(() -> gatherFacts(id, json.get().version()));
    return new ImageDescriptor(json.get().bytes(), facts.layerSize(), facts.checksums());
  }

  private FinishedImages.Facts gatherFacts(ImageId id, String version) {
    OptionalLong layerSize = storage.size(ImageKeys.layer(id));
    List<Checksum> sums = checksums.read(ImageKeys.checksum(id));
    refuseUnfinished(id);
    FinishedImages.Facts facts = new FinishedImages.Facts(version, layerSize, sums);
    if (layerSize.isPresent()) {
      finished.remember(id, facts);
    }
    return facts;
  }

  @Override
  public BlobInfo layerInfo(ImageId id) {
    Optional<BlobInfo> info = storage.stat(ImageKeys.layer(id));
    refuseUnfinished(id, ImageKeys.layer(id), info.map(BlobInfo::version).orElse(""));
    return info.orElseThrow(StoredImages::notFound);
  }

  @Override
  public Optional<URI> layerUrl(ImageId id) {
    return storage.downloadUrl(ImageKeys.layer(id));
  }

  @Override
  public Blob layer(ImageId id, ByteRange range) {
    Optional<Blob> layer = open(id, range);
    try {
      refuseUnfinished(id, ImageKeys.layer(id), layer.map(Blob::version).orElse(""));
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
    Optional<Ancestries.Ancestry> ancestry = ancestries.read(id);
    refuseUnfinished(
        id, ImageKeys.ancestry(id), ancestry.map(Ancestries.Ancestry::version).orElse(""));
    return ancestry.map(Ancestries.Ancestry::ids).orElseThrow(StoredImages::notFound);
  }

  @Override
  public void requireComplete(ImageId id) {
    ImageFiles files = ImageFiles.list(storage, id);
    if (!files.hasJson()) {
      throw notFound();
    }
    if (!files.isComplete()) {
      throw new RegistryException(Problem.INVALID, "Image is not complete");
    }
  }

  private void refuseUnfinished(ImageId id) {
    if (storage.exists(ImageKeys.mark(id))) {
      throw new RegistryException(Problem.IN_PROGRESS, "Image is being uploaded, retry later");
    }
  }

  // An empty version is the one of a file that is not there: nothing to be remembered.
  private void refuseUnfinished(ImageId id, BlobKey file, String version) {
    if (version.isEmpty()) {
      refuseUnfinished(id);
    } else if (!finished.isKnown(file, version)) {
      refuseUnfinished(id);
      finished.remember(file, version);
    }
  }

  private static RegistryException notFound() {
    return new RegistryException(Problem.NOT_FOUND, "Image not found");
  }
}
