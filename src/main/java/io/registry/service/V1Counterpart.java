package io.registry.service;

import io.registry.content.image.ImageId;
import io.registry.content.manifest.Digest;

/**
 * What a tag of a pushed manifest names.
 *
 * @param image the image that V1 clients pull, or the manifest when V1 cannot express it
 * @param refusal why V1 cannot express the manifest; empty when it can
 */
record V1Counterpart(ImageId image, String refusal) {
  /** The image that V1 clients pull. */
  static V1Counterpart image(ImageId image) {
    return new V1Counterpart(image, "");
  }

  /** A manifest that V1 cannot express. */
  static V1Counterpart none(Digest manifest, String refusal) {
    return new V1Counterpart(ImageId.findTagged(manifest.toString()).orElseThrow(), refusal);
  }
}
