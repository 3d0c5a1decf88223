package io.registry.bridge;

import io.registry.content.image.ImageId;
import java.util.Optional;

/** One image of a V1 chain: its JSON, and what its layer contributes to the image config. */
public final class V1Layer {
  private final ImageId id;
  private final byte[] document;
  private final Optional<String> diffId;

  private V1Layer(ImageId id, byte[] document, Optional<String> diffId) {
    this.id = id;
    this.document = document.clone();
    this.diffId = diffId;
  }

  /**
   * Describes an image whose layer is in the manifest.
   *
   * @param id the V1 id
   * @param document the JSON, byte for byte as the client pushed it
   * @param diffId the digest of the unpacked layer, {@code sha256:HEX}
   * @return the description
   * @throws IllegalArgumentException when the digest does not have that form
   */
  public static V1Layer of(ImageId id, byte[] document, String diffId) {
    return new V1Layer(id, document, Optional.of(Digests.checked(diffId)));
  }

  /**
   * Describes an image whose layer contains nothing and is not in the manifest, because the chain
   * has more layers than Docker accepts.
   *
   * @param id the V1 id
   * @param document the JSON, byte for byte as the client pushed it
   * @return the description
   */
  public static V1Layer withoutLayer(ImageId id, byte[] document) {
    return new V1Layer(id, document, Optional.empty());
  }

  /** Returns the V1 id. */
  public ImageId id() {
    return id;
  }

  /** Returns the digest of the unpacked layer, or nothing when the layer is left out. */
  public Optional<String> diffId() {
    return diffId;
  }

  /** Returns the JSON itself; the caller must not change it. */
  byte[] document() {
    return document;
  }
}
