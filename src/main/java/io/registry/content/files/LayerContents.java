package io.registry.content.files;

import io.registry.content.image.ContentFiles.Kind;
import io.registry.content.image.ImageId;
import io.registry.content.image.ImageReader;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.storage.Blob;
import io.registry.storage.BlobInfo;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * Provides clients with the listing of a layer and its comparison with its ancestors (protocol
 * 2.2). All methods refuse an image that is unknown or is being uploaded, like {@link ImageReader}.
 */
public final class LayerContents {
  private final ImageReader images;
  private final Listings listings;
  private final StoredDocuments documents;
  private final DiffQueue queue;
  private final Executor executor;
  private final Duration patience;

  /**
   * Creates the service.
   *
   * @param images reads the images
   * @param listings the listings
   * @param documents the stored documents
   * @param queue takes images that are to be compared
   * @param executor lists layers while clients wait; may reject
   * @param patience how long clients wait
   */
  LayerContents(
      ImageReader images,
      Listings listings,
      StoredDocuments documents,
      DiffQueue queue,
      Executor executor,
      Duration patience) {
    this.images = images;
    this.listings = listings;
    this.documents = documents;
    this.queue = queue;
    this.executor = executor;
    this.patience = patience;
  }

  /**
   * Opens the listing of a layer.
   *
   * @param id the image
   * @return the listing, which the caller closes
   * @throws RegistryException also {@code INVALID} when the layer is not an archive that can be
   *     listed, {@code UNAVAILABLE} when that takes longer than a client should wait
   */
  public Contents files(ImageId id) {
    BlobInfo layer = images.layerInfo(id);
    return new Contents(listings.open(id, executor, patience), "files-" + layer.version());
  }

  /**
   * Opens the comparison of a layer: what it deletes, changes and creates. When there is none yet,
   * the image is queued for it.
   *
   * @param id the image
   * @return the comparison, which the caller closes; empty while there is none
   * @throws RegistryException also {@code INVALID} when the layer cannot be compared
   */
  public Optional<Contents> diff(ImageId id) {
    BlobInfo layer = images.layerInfo(id);
    Optional<Blob> stored = documents.open(id, Kind.DIFF);
    if (stored.isEmpty()) {
      documents.requireRoom();
      Optional<String> refusal = queue.refusal(id, layer.version());
      if (refusal.isPresent()) {
        throw new RegistryException(Problem.INVALID, refusal.get());
      }
      queue.add(id);
    }
    return stored.map(document -> new Contents(document, "diff-" + layer.version()));
  }
}
