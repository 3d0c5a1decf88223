package io.registry.service;

import io.registry.content.image.ImageId;
import io.registry.content.manifest.Descriptor;
import io.registry.content.manifest.Digest;
import java.util.List;

/**
 * The image that V1 clients would get for a manifest, if its layers are what it says.
 *
 * @param manifest the digest of the manifest, which is that of a platform where the client named an
 *     index
 * @param layers the layers that have to be there before the image can be made
 * @param image its id
 */
public record V1Candidate(Digest manifest, List<Descriptor> layers, ImageId image) {
  /** Copies the list. */
  public V1Candidate {
    layers = List.copyOf(layers);
  }
}
