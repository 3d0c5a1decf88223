package io.registry.bridge;

import io.registry.content.image.ImageId;
import java.util.List;
import java.util.Optional;

/**
 * What V1 clients see of a pushed image.
 *
 * @param chain the images, the base first; empty when V1 cannot express the image
 * @param refusal why V1 cannot express the image, as a sentence; empty when it can
 */
public record V1View(List<ImageId> chain, String refusal) {
  /** Copies the list. */
  public V1View {
    chain = List.copyOf(chain);
  }

  static V1View refused(String reason) {
    return new V1View(List.of(), reason);
  }

  /** The image that a tag names; empty when V1 cannot express the image. */
  public Optional<ImageId> top() {
    return chain.isEmpty() ? Optional.empty() : Optional.of(chain.get(chain.size() - 1));
  }
}
