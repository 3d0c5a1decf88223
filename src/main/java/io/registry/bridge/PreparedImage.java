package io.registry.bridge;

/**
 * What V2 serves of an image.
 *
 * @param layers how many layers its manifest has
 * @param refusal why V2 does not serve the image; empty when V2 does
 */
public record PreparedImage(int layers, String refusal) {
  /** Docker refuses to unpack more layers than that ("max depth exceeded"). */
  public static final int MAX_LAYERS = ImageDocuments.MAX_DEPTH;

  /** Whether V2 serves the image. */
  public boolean isServed() {
    return refusal.isEmpty();
  }
}
