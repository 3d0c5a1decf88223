package io.registry.content.image;

import io.registry.platform.problem.RegistryException;
import io.registry.storage.Blob;
import io.registry.storage.BlobInfo;
import io.registry.storage.BlobKey;
import io.registry.storage.ByteRange;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * Reads complete images. Every method refuses an unknown image with {@code NOT_FOUND} and one that
 * is still being uploaded with {@code IN_PROGRESS}, as a {@link RegistryException}.
 */
public interface ImageReader {

  /**
   * The JSON and the data for its headers.
   *
   * @param id the image
   * @return its metadata
   */
  ImageDescriptor describe(ImageId id);

  /**
   * Looks up the layer without opening it.
   *
   * @param id the image
   * @return its size and version
   */
  BlobInfo layerInfo(ImageId id);

  /**
   * The URL from which clients can download the layer without the registry, if the store supports
   * that.
   *
   * @param id an image whose layer is known to exist; it is not checked again
   * @return as {@link io.registry.storage.BlobStorage#downloadUrl}
   */
  Optional<URI> layerUrl(ImageId id);

  /**
   * The key of the file with the layer, for other packages that give it a second name.
   *
   * @param id the image, which need not exist
   */
  static BlobKey layerKey(ImageId id) {
    return ImageKeys.layer(id);
  }

  /**
   * Opens the layer.
   *
   * @param id the image
   * @param range the bytes wanted
   * @return the layer, which the caller closes
   * @throws io.registry.storage.UnsatisfiableRangeException when the layer ends before the range
   */
  Blob layer(ImageId id, ByteRange range);

  /**
   * The image and all its ancestors.
   *
   * @param id the image
   * @return the ids, the image itself first and the base image last
   */
  List<ImageId> ancestry(ImageId id);

  /**
   * Requires that a tag may name an image.
   *
   * @param id the image
   */
  void requireComplete(ImageId id);
}
