package io.registry.image;

import io.registry.storage.Blob;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.BlobWriter;
import io.registry.storage.ByteRange;
import java.io.OutputStream;
import java.util.Optional;

/**
 * The documents beside an image that were made from its layer: {@code _files} and {@code _diff}
 * (protocol 5.1). They are kept so that they need not be made again, and go when the image, because
 * it has lost its layer, is pushed anew. A document is published only while the image is finished
 * and has the layer of which it was made, and taken back when that is no longer so right after; and
 * the publication of an image removes what was made from the layer that was there before.
 */
public final class ContentFiles {
  private final BlobStorage storage;

  /** Which document. */
  public enum Kind {
    /** What the layer holds. */
    FILES,
    /** What the layer changes. */
    DIFF
  }

  /** Makes a document. */
  @FunctionalInterface
  public interface Content {
    /**
     * Writes it.
     *
     * @param out takes it; not to be closed. When this throws, nothing is published
     */
    void writeTo(OutputStream out);
  }

  /**
   * The documents of a store.
   *
   * @param storage where the images are
   */
  public ContentFiles(BlobStorage storage) {
    this.storage = storage;
  }

  /** Whether nothing can be added. */
  public boolean isReadOnly() {
    return storage.isReadOnly();
  }

  /**
   * Opens a document.
   *
   * @param id the image
   * @param kind which one
   * @return the document, which the caller closes; nothing when it is not kept
   */
  public Optional<Blob> open(ImageId id, Kind kind) {
    return storage.open(key(id, kind), ByteRange.ALL);
  }

  /**
   * Makes a document and keeps it.
   *
   * @param id a finished image
   * @param kind which one; what is kept of it is replaced
   * @param layer the version of the layer that it is made of
   * @param content makes it
   * @return whether it was published: false when the image has another layer meanwhile, or is
   *     pushed anew
   */
  public boolean write(ImageId id, Kind kind, String layer, Content content) {
    BlobKey key = key(id, kind);
    try (BlobWriter writer = storage.create(key)) {
      content.writeTo(writer);
      if (!hasLayer(id, layer)) {
        return false;
      }
      boolean unused = writer.commit();
    }
    if (hasLayer(id, layer)) {
      return true;
    }
    storage.delete(key);
    return false;
  }

  private boolean hasLayer(ImageId id, String version) {
    ImageFiles files = ImageFiles.list(storage, id);
    return files.isComplete() && files.isVersion(ImageKeys.layer(id), version);
  }

  private static BlobKey key(ImageId id, Kind kind) {
    return switch (kind) {
      case FILES -> ImageKeys.files(id);
      case DIFF -> ImageKeys.diff(id);
    };
  }
}
