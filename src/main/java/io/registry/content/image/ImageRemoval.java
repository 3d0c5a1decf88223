package io.registry.content.image;

import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;

/**
 * Removes an image in two steps. An interrupted removal leaves the image unchanged or incomplete,
 * and can be repeated.
 */
public final class ImageRemoval {
  /** The content of the mark of an image that is being removed; the original does not read it. */
  private static final byte[] MARK = "removed".getBytes(StandardCharsets.US_ASCII);

  private final BlobStorage storage;
  private final ImageChanges changes;

  /**
   * Creates the removal.
   *
   * @param storage the store
   * @param changes is notified before an image is removed
   */
  public ImageRemoval(BlobStorage storage, ImageChanges changes) {
    this.storage = storage;
    this.changes = changes;
  }

  /** Whether an image is being removed, so that no other image can get its id yet. */
  static boolean isUnderWay(BlobStorage storage, ImageId id) {
    return storage
        .read(ImageKeys.mark(id), ImageKeys.SMALL)
        .filter(mark -> Arrays.equals(mark, MARK))
        .isPresent();
  }

  /**
   * Whether any file of an image exists.
   *
   * @param id the image
   * @return whether it has a file, complete or not
   */
  public boolean exists(ImageId id) {
    return !ImageFiles.list(storage, id).isEmpty();
  }

  /**
   * Marks an image as incomplete. When this returns, no process has it in its cache.
   *
   * @param id the image
   * @return whether it was not marked before
   */
  public boolean hide(ImageId id) {
    boolean wasVisible = !storage.exists(ImageKeys.mark(id));
    // The mark is written first: a marked image is not cached again.
    storage.write(ImageKeys.mark(id), MARK);
    changes.beforeReplacing(id);
    return wasVisible;
  }

  /**
   * Makes a hidden image complete again.
   *
   * @param id the image, of which nothing was deleted
   */
  public void show(ImageId id) {
    storage.delete(ImageKeys.mark(id));
  }

  /**
   * Deletes all files of a hidden image. When this returns, its id is free.
   *
   * @param id the image
   * @param released is run when all files but the mark are deleted, while no other image can get
   *     the id
   */
  public void remove(ImageId id, Runnable released) {
    BlobKey mark = ImageKeys.mark(id);
    storage.delete(ImageKeys.json(id));
    try (Stream<String> names = storage.names(ImageKeys.folder(id))) {
      storage.deleteAll(
          names.map(ImageKeys.folder(id)::child).filter(file -> !file.equals(mark)).toList());
    }
    // Before the id is free: otherwise the next image under it would have these readers.
    released.run();
    storage.delete(mark);
  }
}
