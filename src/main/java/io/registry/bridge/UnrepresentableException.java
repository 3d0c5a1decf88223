package io.registry.bridge;

import io.registry.content.image.ImageId;

/**
 * A V1 image that has no image config, because Docker refuses its JSON. The message names the image
 * and the reason and never contains a value of the JSON.
 */
public final class UnrepresentableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ImageId image;
  private final String reason;

  /**
   * Creates a refusal.
   *
   * @param image the image whose JSON Docker refuses
   * @param reason why Docker refuses it, without values of the JSON
   */
  public UnrepresentableException(ImageId image, String reason) {
    super("image " + image + " has no image config: " + reason);
    this.image = image;
    this.reason = reason;
  }

  /** Returns the image whose JSON Docker refuses. */
  public ImageId image() {
    return image;
  }

  /** Returns why Docker refuses it. */
  public String reason() {
    return reason;
  }
}
