package io.registry.bridge;

import io.registry.content.files.ScannedLayer;
import io.registry.content.image.Checksum;
import io.registry.content.image.ImageId;
import java.util.List;
import java.util.Optional;

/** Knows the digests of layers that have just come in. */
@FunctionalInterface
interface ArrivedLayers {
  /** Knows none. */
  ArrivedLayers NONE = (image, checksums) -> Optional.empty();

  /**
   * Takes what is known of a layer.
   *
   * @param checksums of the image that the layer has become
   * @return nothing when the layer has to be read
   */
  Optional<ScannedLayer> take(ImageId image, List<Checksum> checksums);
}
