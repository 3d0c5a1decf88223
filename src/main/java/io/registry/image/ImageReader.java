package io.registry.image;

import io.registry.problem.RegistryException;
import io.registry.storage.Blob;
import io.registry.storage.BlobInfo;
import io.registry.storage.ByteRange;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * Finished images. Every method refuses an image that is unknown with {@code NOT_FOUND} and one
 * that is still being uploaded with {@code IN_PROGRESS}, as a {@link RegistryException}.
 */
public interface ImageReader {

  /**
   * The JSON and what belongs into its headers.
   *
   * @param id the image
   * @return its description
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
   * Where clients get the layer without the registry, if they do.
   *
   * @param id an image whose layer was found to be there; it is not looked for again
   * @return as {@link io.registry.storage.BlobStorage#downloadUrl}
   */
  Optional<URI> layerUrl(ImageId id);

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
   * The image and all that it builds upon.
   *
   * @param id the image
   * @return the ids, the image itself first and the base image last
   */
  List<ImageId> ancestry(ImageId id);

  /**
   * Makes sure that a tag may point to an image.
   *
   * @param id the image
   */
  void requireComplete(ImageId id);
}
