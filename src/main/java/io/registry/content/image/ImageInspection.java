package io.registry.content.image;

import io.registry.platform.json.JsonCodec;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.StorageException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Inspects images for defects, and changes nothing. Damage is only reported if the folder of the
 * image was the same before and after the inspection: otherwise it may be a push in progress.
 */
public final class ImageInspection {
  /**
   * Up to how many times an inspection is repeated because the image changed; then the image counts
   * as being uploaded.
   */
  private static final int ATTEMPTS = 3;

  private final BlobStorage storage;
  private final Ancestries ancestries;
  private final StoredChecksums checksums;
  private final LayerInspection layers;
  private final JsonCodec codec;
  private final Clock clock;
  private final Duration patience;

  /**
   * Creates an inspection.
   *
   * @param storage the store
   * @param codec parses JSON
   * @param clock the time
   * @param patience how long an upload may be inactive before it counts as stuck
   * @param layerReaders how many layers are read concurrently
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
   * The ids of all images, in no order, while their folders are found. The folder of an image may
   * be empty.
   *
   * @return the ids; the caller closes the stream
   */
  public Stream<ImageId> ids() {
    return storage.folders(ImageKeys.ROOT).flatMap(name -> ImageId.find(name).stream());
  }

  /**
   * Inspects an image.
   *
   * @param id the image, which need not exist
   * @param readLayer whether to read its layer and compare it with its checksum
   * @return the result
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

  // Empty when the image was changed meanwhile.
  private Optional<InspectedImage> tryToInspect(ImageId id, boolean readLayer) {
    ImageFiles files = ImageFiles.list(storage, id);
    try {
      InspectedImage found = look(id, files, readLayer);
      return found.defects().isEmpty() || isSame(id, files) ? Optional.of(found) : Optional.empty();
    } catch (LayerInspection.VanishedException e) {
      return Optional.empty();
    } catch (StorageException e) {
      // A store may refuse to continue reading a file that was replaced.
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
   * Whether an image exists now.
   *
   * @param id the image
   * @return whether its JSON exists
   */
  public boolean exists(ImageId id) {
    return storage.exists(ImageKeys.json(id));
  }

  /** The folder of an image. */
  public static BlobKey folder(ImageId id) {
    return ImageKeys.folder(id);
  }

  /** The key of an image's layer. */
  public static BlobKey layer(ImageId id) {
    return ImageKeys.layer(id);
  }

  /** The key of an image's ancestry. */
  public static BlobKey ancestry(ImageId id) {
    return ImageKeys.ancestry(id);
  }

  /** The largest number of images in an ancestry. */
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
   * Deletes a layer that was put aside and has the same bytes as the image's layer, and its
   * checksum.
   *
   * @param aside the key of the layer
   */
  public void removeCopy(BlobKey aside) {
    storage.deleteAll(List.of(ImageKeys.asideChecksum(aside), aside));
  }
}
