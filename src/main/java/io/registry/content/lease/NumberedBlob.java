package io.registry.content.lease;

/**
 * One blob of {@link NumberedBlobs}.
 *
 * @param number counts from 1; 0 when there is no blob yet
 * @param text its content
 */
public record NumberedBlob(long number, String text) {
  /** Stands for the blob before the first one. */
  public static final NumberedBlob NONE = new NumberedBlob(0, "");
}
