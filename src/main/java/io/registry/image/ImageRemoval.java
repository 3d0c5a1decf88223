package io.registry.image;

import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;

/**
 * Removes an image in two steps. A removal that is broken off leaves the image as it was or
 * unfinished, and can be repeated.
 */
public final class ImageRemoval {
  /** What the mark of an image that is being removed holds; the original does not read it. */
  private static final byte[] MARK = "removed".getBytes(StandardCharsets.US_ASCII);

  private final BlobStorage storage;
  private final ImageChanges changes;

  /**
   * A way to remove images.
   *
   * @param storage where the images are
   * @param changes is told of each image before it is removed
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
   * Tells whether there is anything of an image.
   *
   * @param id the image
   * @return whether it has a file, be it finished or not
   */
  public boolean exists(ImageId id) {
    return !ImageFiles.list(storage, id).isEmpty();
  }

  /**
   * Marks an image as unfinished. When this returns, no process on the store remembers it.
   *
   * @param id the image
   */
  public void hide(ImageId id) {
    // First the mark: what is marked is not remembered again.
    storage.write(ImageKeys.mark(id), MARK);
    changes.beforeReplacing(id);
  }

  /**
   * Removes all of a hidden image. When this returns, its id is free.
   *
   * @param id the image
   */
  public void remove(ImageId id) {
    BlobKey mark = ImageKeys.mark(id);
    storage.delete(ImageKeys.json(id));
    try (Stream<String> names = storage.names(ImageKeys.folder(id))) {
      storage.deleteAll(
          names.map(ImageKeys.folder(id)::child).filter(file -> !file.equals(mark)).toList());
    }
    storage.delete(mark);
  }
}
