package io.registry.bridge;

import io.registry.content.image.ImageId;
import io.registry.platform.json.JsonCodec;
import io.registry.storage.BlobInfo;

/** Keeps what is known of layers whose bytes were copied, so that they are not read again. */
public final class CopiedLayers {
  private final DerivedStore derived;
  private final JsonCodec codec;

  /**
   * Creates the operation.
   *
   * @param derived keeps what is known
   * @param codec reads and writes it
   */
  public CopiedLayers(DerivedStore derived, JsonCodec codec) {
    this.derived = derived;
    this.codec = codec;
  }

  /**
   * Notes that the layer of an image is a copy now.
   *
   * @param image the image
   * @param before the layer as it was
   * @param after the layer as it is, with the same bytes
   */
  public void copied(ImageId image, BlobInfo before, BlobInfo after) {
    derived
        .readLayer(image)
        .flatMap(bytes -> LayerFacts.parse(codec, bytes))
        .filter(facts -> facts.version().equals(before.version()))
        .map(facts -> new LayerFacts(after.version(), facts.scan(), facts.refusal()))
        .ifPresent(facts -> derived.writeLayer(image, facts.render(codec)));
  }
}
