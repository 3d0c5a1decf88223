package io.registry.image;

import io.registry.json.JsonCodec;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.StorageException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Looks at images for what may be wrong with them, and changes nothing. What looks wrong while an
 * image is pushed is no defect: an image is only called damaged when its folder was the same before
 * and after the look.
 */
public final class ImageInspection {
  /** An image may change so often under the look before it counts as being uploaded. */
  private static final int ATTEMPTS = 3;

  private static final BlobKey ROOT = BlobKey.of("images");

  private final BlobStorage storage;
  private final Ancestries ancestries;
  private final StoredChecksums checksums;
  private final LayerInspection layers;
  private final JsonCodec codec;
  private final Clock clock;
  private final Duration patience;

  /**
   * An inspection.
   *
   * @param storage where the images are
   * @param codec reads their JSON
   * @param clock tells how old files are
   * @param patience how long an upload may be silent before it counts as stuck
   * @param layerReaders how many layers may be read at the same time
   */
  public ImageInspection(
      BlobStorage storage, JsonCodec codec, Clock clock, Duration patience, int layerReaders) {
    this.storage = storage;
    this.ancestries = new Ancestries(storage, codec);
    this.checksums = new StoredChecksums(storage, codec);
    this.layers = new LayerInspection(storage, layerReaders);
    this.codec = codec;
    this.clock = clock;
    this.patience = patience;
  }

  /**
   * Names all images, in no order, as their folders are found. Of some there may be nothing but the
   * folder.
   *
   * @return the ids; the caller closes the stream
   */
  public Stream<ImageId> ids() {
    return storage.folders(ROOT).flatMap(name -> ImageId.find(name).stream());
  }

  /**
   * Looks at an image.
   *
   * @param id the image, which need not exist
   * @param readLayer whether its layer is read and compared with its checksum
   * @return what was found
   * @throws StorageException when the store does not answer
   */
  public InspectedImage inspect(ImageId id, boolean readLayer) {
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      Optional<InspectedImage> found = tryToInspect(id, readLayer);
      if (found.isPresent()) {
        return found.get();
      }
    }
    return InspectedImage.CHANGING;
  }

  // Nothing when the image was changed under the look.
  private Optional<InspectedImage> tryToInspect(ImageId id, boolean readLayer) {
    ImageFiles files = ImageFiles.list(storage, id);
    try {
      InspectedImage found = look(id, files, readLayer);
      return found.defects().isEmpty() || isSame(id, files) ? Optional.of(found) : Optional.empty();
    } catch (LayerInspection.VanishedException e) {
      return Optional.empty();
    } catch (StorageException e) {
      // A store may refuse to go on with a file that was replaced.
      if (isSame(id, files)) {
        throw e;
      }
      return Optional.empty();
    }
  }

  private boolean isSame(ImageId id, ImageFiles files) {
    return ImageFiles.list(storage, id).isSameAs(files);
  }

  private InspectedImage look(ImageId id, ImageFiles files, boolean readLayer) {
    return new ImageLook(id, files, storage, codec, checksums, ancestries)
        .result(
            files.lastWritten().isAfter(clock.instant().minus(patience)),
            readLayer ? Optional.of(layers) : Optional.empty());
  }

  /**
   * Tells whether an image is there now.
   *
   * @param id the image
   * @return whether its JSON is there
   */
  public boolean exists(ImageId id) {
    return storage.exists(ImageKeys.json(id));
  }

  /** Where the files of an image lie. */
  public static BlobKey folder(ImageId id) {
    return ImageKeys.folder(id);
  }

  /** Where the layer of an image lies. */
  public static BlobKey layer(ImageId id) {
    return ImageKeys.layer(id);
  }

  /** Where the ancestry of an image lies. */
  public static BlobKey ancestry(ImageId id) {
    return ImageKeys.ancestry(id);
  }

  /** The most images that one ancestry may have. */
  public static int maxAncestry() {
    return Ancestries.MAX_LENGTH;
  }

  /**
   * Writes the ancestry of an image.
   *
   * @param ancestry the image first
   */
  public void writeAncestry(List<ImageId> ancestry) {
    ancestries.write(ancestry.get(0), ancestry);
  }

  /**
   * Removes a layer that waited aside and has the same bytes as the one in place, with its
   * checksum.
   *
   * @param aside the layer aside
   */
  public void removeCopy(BlobKey aside) {
    storage.deleteAll(List.of(ImageKeys.asideChecksum(aside), aside));
  }
}
