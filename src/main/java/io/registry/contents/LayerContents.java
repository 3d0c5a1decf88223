package io.registry.contents;

import io.registry.image.ContentFiles.Kind;
import io.registry.image.ImageId;
import io.registry.image.ImageReader;
import io.registry.problem.Problem;
import io.registry.problem.RegistryException;
import io.registry.storage.Blob;
import io.registry.storage.BlobInfo;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * What layers hold, and what they change of those below, for clients (protocol 2.2). All methods
 * refuse an image that is unknown or is being uploaded, as {@link ImageReader} does.
 */
public final class LayerContents {
  private final ImageReader images;
  private final Listings listings;
  private final StoredDocuments documents;
  private final DiffQueue queue;
  private final Executor executor;
  private final Duration patience;

  /**
   * The contents of layers.
   *
   * @param images whose they are
   * @param listings the lists
   * @param documents what is kept
   * @param queue takes what is to be compared
   * @param executor lists layers while clients wait; may refuse
   * @param patience how long they wait
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
   * The list of what a layer holds.
   *
   * @param id the image
   * @return the list, which the caller closes
   * @throws RegistryException also {@code INVALID} when the layer is no archive that can be listed,
   *     {@code UNAVAILABLE} when that takes longer than a client should wait
   */
  public Contents files(ImageId id) {
    BlobInfo layer = images.layerInfo(id);
    return new Contents(listings.open(id, executor, patience), "files-" + layer.version());
  }

  /**
   * What a layer deletes, changes and creates. When that is not known yet, it is found out in the
   * background.
   *
   * @param id the image
   * @return the comparison, which the caller closes; nothing while it is not known yet
   * @throws RegistryException also {@code INVALID} when it was found that it cannot be known
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
