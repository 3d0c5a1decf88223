package io.registry.image;

import io.registry.json.JsonCodec;
import io.registry.problem.Problem;
import io.registry.problem.RegistryException;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.KeyLocks;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Keeps finished images of another registry (protocol 7.1). Such an image is described first, and
 * is then a finished one whose layer is not there yet; the layer is kept when all of it has come.
 * What is there already is never replaced, and an image that is being pushed is left alone.
 */
public final class ImageCopies {
  private final BlobStorage storage;
  private final JsonCodec codec;
  private final StoredChecksums checksums;
  private final Ancestries ancestries;
  private final KeyLocks locks;

  ImageCopies(
      BlobStorage storage,
      JsonCodec codec,
      StoredChecksums checksums,
      Ancestries ancestries,
      KeyLocks locks) {
    this.storage = storage;
    this.codec = codec;
    this.checksums = checksums;
    this.ancestries = ancestries;
    this.locks = locks;
  }

  /**
   * Tells what is missing of an image before its layer can be kept.
   *
   * @param id the image
   * @return whether it has no JSON, or no ancestry
   */
  public boolean isUndescribed(ImageId id) {
    ImageFiles files = ImageFiles.list(storage, id);
    return !files.hasJson() || !files.hasAncestry();
  }

  /** Whether the layer of an image is here. */
  public boolean hasLayer(ImageId id) {
    return storage.exists(ImageKeys.layer(id));
  }

  /**
   * Reads the JSON of an image, be it finished or not.
   *
   * @param id the image
   * @return the bytes; nothing when there is no such image
   */
  public Optional<byte[]> json(ImageId id) {
    return storage.read(ImageKeys.json(id), ImageKeys.SMALL);
  }

  /**
   * Describes an image, as far as it is not described yet. The JSON is written last, because with
   * it the image is there.
   *
   * @param id the image
   * @param json its JSON, byte for byte
   * @param ancestry the image first, the base image last
   * @param sums checksums of its layer; none when none is known
   * @return whether it is now there with that very JSON, and nobody pushes it
   * @throws RegistryException {@code INVALID} when JSON and ancestry are not those of that image
   */
  public boolean describe(ImageId id, byte[] json, List<ImageId> ancestry, List<Checksum> sums) {
    requireFitting(ImageJson.parse(codec, id, json), ancestry);
    try (KeyLocks.Held held = locks.lock(ImageKeys.folder(id))) {
      ImageFiles files = ImageFiles.list(storage, id);
      // A layer that nothing describes would become that of the image, unseen.
      if (files.hasMark() || (!files.hasJson() && files.hasLayer())) {
        return false;
      }
      byte[] ids = ancestries.render(ancestry);
      if (!files.hasJson()) {
        keep(ImageKeys.ancestry(id), Optional.of(ids));
        keep(
            ImageKeys.checksum(id),
            Optional.of(sums).filter(some -> !some.isEmpty()).map(checksums::render));
        boolean unused = storage.writeIfAbsent(ImageKeys.json(id), json);
      } else if (!files.hasAncestry()) {
        boolean unused = storage.writeIfAbsent(ImageKeys.ancestry(id), ids);
      }
      return json(id).filter(stored -> Arrays.equals(stored, json)).isPresent()
          && !storage.exists(ImageKeys.mark(id));
    }
  }

  // Without a JSON there is no image: what lies there is left of an attempt that broke off, and may
  // have been of another image that had the id then.
  private void keep(BlobKey key, Optional<byte[]> bytes) {
    Optional<byte[]> stored = storage.read(key, ImageKeys.SMALL);
    if (stored.isPresent() && !(bytes.isPresent() && Arrays.equals(stored.get(), bytes.get()))) {
      storage.delete(key);
    }
    if (bytes.isPresent()) {
      boolean unused = storage.writeIfAbsent(key, bytes.get());
    }
  }

  /**
   * Begins to keep the layer of an image.
   *
   * @param id the image, which is described
   * @return takes the bytes; the caller closes it
   * @throws RegistryException {@code NOT_FOUND} when the image is not described
   */
  public LayerCopy copyLayer(ImageId id) {
    byte[] json =
        json(id).orElseThrow(() -> new RegistryException(Problem.NOT_FOUND, "Image not found"));
    return new LayerCopy(id, json, storage, checksums, locks);
  }

  private static void requireFitting(ImageJson image, List<ImageId> ancestry) {
    List<ImageId> start =
        image.parent().map(parent -> List.of(image.id(), parent)).orElse(List.of(image.id()));
    boolean begins =
        ancestry.size() >= start.size() && ancestry.subList(0, start.size()).equals(start);
    boolean ends = image.parent().isPresent() || ancestry.size() == 1;
    if (!begins
        || !ends
        || ancestry.size() > Ancestries.MAX_LENGTH
        || Set.copyOf(ancestry).size() < ancestry.size()) {
      throw new RegistryException(
          Problem.INVALID, "The ancestry is not that of the image " + image.id());
    }
  }
}
