package io.registry.content.image;

import io.registry.storage.Blob;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.BlobWriter;
import io.registry.storage.ByteRange;
import java.io.OutputStream;
import java.util.Optional;

/**
 * The derived documents of an image: {@code _files} and {@code _diff} (protocol 5.1). They are
 * stored so that they need not be computed again, and deleted when the image has lost its layer and
 * is pushed again. A document is published only while the image is complete and has the layer from
 * which the document was computed. It is deleted again if that is not true any more right
 * afterwards, and publishing an image deletes the documents of an earlier layer.
 */
public final class ContentFiles {
  private final BlobStorage storage;

  /** The kinds of documents. */
  public enum Kind {
    /** The listing of the layer. */
    FILES,
    /** The comparison of the layer with its ancestors. */
    DIFF
  }

  /** Produces a document. */
  @FunctionalInterface
  public interface Content {
    /**
     * Writes the document.
     *
     * @param out receives it; not to be closed. When this throws, nothing is published
     */
    void writeTo(OutputStream out);
  }

  /**
   * Creates the access to the documents of a store.
   *
   * @param storage the store
   */
  public ContentFiles(BlobStorage storage) {
    this.storage = storage;
  }

  /** Whether the store is read-only. */
  public boolean isReadOnly() {
    return storage.isReadOnly();
  }

  /**
   * Opens a document.
   *
   * @param id the image
   * @param kind the kind of document
   * @return the document, which the caller closes; empty when there is none
   */
  public Optional<Blob> open(ImageId id, Kind kind) {
    return storage.open(key(id, kind), ByteRange.ALL);
  }

  /**
   * Computes and stores a document.
   *
   * @param id a complete image
   * @param kind the kind of document; an existing one is replaced
   * @param layer the version of the layer from which it is computed
   * @param content computes it
   * @return whether it was published: false when the image has another layer meanwhile, or is being
   *     pushed again
   */
  public boolean write(ImageId id, Kind kind, String layer, Content content) {
    BlobKey key = key(id, kind);
    try (BlobWriter writer = storage.create(key)) {
      content.writeTo(writer);
      if (!hasLayer(id, layer)) {
        return false;
      }
      writer.commit();
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
