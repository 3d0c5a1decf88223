package io.registry.content.repository;

import io.registry.content.image.ImageId;
import java.util.Optional;

/**
 * How a tag is set.
 *
 * @param image the image that it will name
 * @param manifest the manifest that it serves; empty when a V1 client sets it
 * @param part the image of one platform that the tag names, when the new one contains it: an
 *     immutable tag may be moved from that one
 * @param client the versions of the client
 * @param first is run just before the tag is written, when no rule refuses it any more
 */
public record TagChange(
    ImageId image,
    Optional<ManifestRef> manifest,
    Optional<ImageId> part,
    ClientVersions client,
    Runnable first) {

  /** As V1 clients set a tag. */
  public static TagChange to(ImageId image, ClientVersions client) {
    return new TagChange(image, Optional.empty(), Optional.empty(), client, () -> {});
  }
}
