package io.registry.content.image;

import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.platform.problem.Subject;
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

/**
 * Reads complete images from the store. A file is read first, and the image's folder is listed
 * afterwards: the file is valid when there is no mark of an incomplete image, and the listing
 * contains the version that was read. In the other order, the mark could appear between the listing
 * and the read. The listing is skipped when that version of the file is known to belong to a
 * complete image.
 */
public final class StoredImages implements ImageReader {
  /** Up to how many times a read is repeated because the file was replaced before the listing. */
  private static final int ATTEMPTS = 5;

  private final BlobStorage storage;
  private final StoredChecksums checksums;
  private final Ancestries ancestries;
  private final Staging staging;
  private final FinishedImages finished = new FinishedImages();

  /**
   * Creates a reader.
   *
   * @param storage the store
   * @param codec parses JSON
   */
  public StoredImages(BlobStorage storage, JsonCodec codec) {
    this.storage = storage;
    this.checksums = new StoredChecksums(storage, codec);
    this.ancestries = new Ancestries(storage, codec);
    this.staging = new Staging(storage);
  }

  @Override
  public ImageDescriptor describe(ImageId id) {
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      Optional<BlobContent> json = storage.load(ImageKeys.json(id), ImageKeys.SMALL);
      if (json.isEmpty()) {
        throw absent(id);
      }
      String version = json.get().version();
      Optional<FinishedImages.Facts> facts =
          finished.facts(id, version).or(() -> gatherFacts(id, version));
      if (facts.isPresent()) {
        return new ImageDescriptor(
            json.get().bytes(), facts.get().layer(), facts.get().checksums());
      }
    }
    throw unfinished();
  }

  // Empty when the JSON was replaced since it was read.
  private Optional<FinishedImages.Facts> gatherFacts(ImageId id, String version) {
    ImageFiles files = finishedFiles(id);
    if (!files.isVersion(ImageKeys.json(id), version)) {
      return Optional.empty();
    }
    Optional<BlobInfo> layer = files.info(ImageKeys.layer(id));
    FinishedImages.Facts facts = new FinishedImages.Facts(version, layer, checksums(id, files));
    if (layer.isPresent()) {
      rememberFinished(id, layer.get());
      finished.remember(id, facts);
    }
    return Optional.of(facts);
  }

  private List<Checksum> checksums(ImageId id, ImageFiles files) {
    return files.hasChecksum() ? checksums.read(ImageKeys.checksum(id)) : List.of();
  }

  /**
   * Reads the metadata of an image without using cached facts, for callers that cache it for longer
   * than its files may exist.
   *
   * @param id the image
   * @return the metadata
   * @throws RegistryException when there is no such image, or it is being uploaded
   */
  public ImageFinding<ImageDescriptor> lookAt(ImageId id) {
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      BlobContent json =
          storage.load(ImageKeys.json(id), ImageKeys.SMALL).orElseThrow(() -> absent(id));
      ImageFiles files = finishedFiles(id);
      if (files.isVersion(ImageKeys.json(id), json.version())) {
        Optional<BlobInfo> layer = files.info(ImageKeys.layer(id));
        List<Checksum> sums = checksums(id, files);
        boolean whole = layer.isPresent() && isStill(files, id, ImageKeys.json(id));
        if (whole) {
          remember(id, layer.get());
        }
        return new ImageFinding<>(new ImageDescriptor(json.bytes(), layer, sums), whole);
      }
    }
    throw unfinished();
  }

  /**
   * Reads the ancestry of an image without using cached facts.
   *
   * @param id the image
   * @return the ancestry
   * @throws RegistryException when there is no such image, or it is being uploaded
   */
  public ImageFinding<List<ImageId>> lookAtAncestry(ImageId id) {
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      Ancestries.Ancestry ancestry = ancestries.read(id).orElseThrow(() -> absent(id));
      ImageFiles files = finishedFiles(id);
      if (ancestry.version().isEmpty()) {
        return new ImageFinding<>(ancestry.ids(), false);
      }
      if (files.isVersion(ImageKeys.ancestry(id), ancestry.version())) {
        boolean whole =
            files.info(ImageKeys.layer(id)).isPresent()
                && isStill(files, id, ImageKeys.ancestry(id));
        return new ImageFinding<>(ancestry.ids(), whole);
      }
    }
    throw unfinished();
  }

  // A listing is not a snapshot: one of an image that is being pushed again may contain the new
  // layer, but the old versions of other files, and lack the mark.
  private boolean isStill(ImageFiles seen, ImageId id, BlobKey file) {
    ImageFiles now = finishedFiles(id);
    return now.info(file).equals(seen.info(file))
        && now.info(ImageKeys.layer(id)).equals(seen.info(ImageKeys.layer(id)));
  }

  /**
   * Records that an image is known to be complete with that layer. The folder is not listed again
   * while the layer that is read has that version.
   *
   * @param id the image
   * @param layer its layer
   */
  public void remember(ImageId id, BlobInfo layer) {
    finished.remember(ImageKeys.layer(id), layer.version());
  }

  // A listing is not a snapshot: one of an incomplete image may contain the layer, but lack the
  // mark that was written before.
  private void rememberFinished(ImageId id, BlobInfo layer) {
    if (!finished.isKnown(ImageKeys.layer(id), layer.version())) {
      refuseUnfinished(id);
      finished.remember(ImageKeys.layer(id), layer.version());
    }
  }

  @Override
  public BlobInfo layerInfo(ImageId id) {
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      Optional<BlobInfo> info = storage.stat(ImageKeys.layer(id));
      if (info.isEmpty()) {
        throw absent(id);
      }
      if (isFinished(id, ImageKeys.layer(id), info.get().version())) {
        return info.get();
      }
    }
    throw unfinished();
  }

  @Override
  public Optional<URI> layerUrl(ImageId id) {
    return storage.downloadUrl(ImageKeys.layer(id));
  }

  @Override
  public Blob layer(ImageId id, ByteRange range) {
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      Blob layer = open(id, range).orElseThrow(() -> absent(id));
      boolean served = false;
      try {
        served = isFinished(id, ImageKeys.layer(id), layer.version());
        if (served) {
          return layer;
        }
      } finally {
        if (!served) {
          layer.close();
        }
      }
    }
    throw unfinished();
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
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      Ancestries.Ancestry ancestry = ancestries.read(id).orElseThrow(() -> absent(id));
      if (ancestry.version().isEmpty()) {
        refuseUnfinished(id);
        return ancestry.ids();
      }
      if (isFinished(id, ImageKeys.ancestry(id), ancestry.version())) {
        return ancestry.ids();
      }
    }
    throw unfinished();
  }

  @Override
  public void requireComplete(ImageId id) {
    ImageFiles files = ImageFiles.list(storage, id);
    if (!files.hasJson() && !staging.isUnderWay(id)) {
      throw notFound();
    }
    if (!files.isComplete()) {
      throw new RegistryException(Problem.INVALID, Subject.IMAGE, "Image is not complete");
    }
  }

  // Returns false when the file was replaced since it was read.
  private boolean isFinished(ImageId id, BlobKey file, String version) {
    if (finished.isKnown(file, version)) {
      return true;
    }
    boolean same = finishedFiles(id).isVersion(file, version);
    if (same) {
      finished.remember(file, version);
    }
    return same;
  }

  private ImageFiles finishedFiles(ImageId id) {
    ImageFiles files = ImageFiles.list(storage, id);
    if (files.hasMark()) {
      throw unfinished();
    }
    if (!files.hasJson()) {
      throw absent(id);
    }
    return files;
  }

  private void refuseUnfinished(ImageId id) {
    if (storage.exists(ImageKeys.mark(id))) {
      throw unfinished();
    }
  }

  // Like the original, says that an image is being uploaded as soon as a client has announced it.
  private RegistryException absent(ImageId id) {
    refuseUnfinished(id);
    return staging.isUnderWay(id) ? unfinished() : notFound();
  }

  private static RegistryException unfinished() {
    return new RegistryException(
        Problem.IN_PROGRESS, Subject.IMAGE, "Image is being uploaded, retry later");
  }

  private static RegistryException notFound() {
    return new RegistryException(Problem.NOT_FOUND, Subject.IMAGE, "Image not found");
  }
}
