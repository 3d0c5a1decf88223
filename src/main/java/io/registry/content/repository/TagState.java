package io.registry.content.repository;

import io.registry.content.image.ImageId;
import java.util.Optional;

/**
 * What a tag names.
 *
 * @param image the V1 image, or the digest of a manifest that V1 cannot express
 * @param manifest the digest of the manifest that the tag serves over V2, {@code ALGORITHM:HEX};
 *     empty when no V2 client has set the tag to that image
 */
public record TagState(ImageId image, Optional<String> manifest) {
  /** Fills in the digest of a tag that names a manifest. */
  public TagState {
    manifest = image.isManifest() ? Optional.of(image.value()) : manifest;
  }
}
