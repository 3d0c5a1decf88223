package io.registry.bridge;

import io.registry.content.manifest.Descriptor;
import java.util.List;

/**
 * An image as a manifest describes it.
 *
 * @param configType the media type of the configuration
 * @param config the configuration, byte for byte as it was pushed
 * @param layers the layers, the base first
 */
@SuppressWarnings("ArrayRecordComponent")
public record PushedImage(String configType, byte[] config, List<Descriptor> layers) {
  /** Copies the list. */
  public PushedImage {
    layers = List.copyOf(layers);
  }
}
