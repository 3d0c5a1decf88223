package io.registry.storage;

/**
 * How large the parts are in which a blob of unknown length is sent to an object store. Stores take
 * a limited number of parts, so that later parts are larger: each thousand is twice as large as the
 * one before.
 *
 * @param first size of the first parts in bytes
 * @param largest the largest part that the store takes, in bytes
 */
public record PartSizes(long first, long largest) {
  /** The most parts that S3 takes for one blob. */
  public static final int MAX_PARTS = 10_000;

  private static final int STEP = 1000;

  /**
   * Checks the bounds.
   *
   * @throws IllegalArgumentException when they make no sense
   */
  public PartSizes {
    if (first < 1 || largest < first) {
      throw new IllegalArgumentException("parts from " + first + " to " + largest + " bytes");
    }
  }

  /**
   * The size of a part, unless it is the last one.
   *
   * @param number counted from 1
   * @return the size in bytes
   */
  public long of(int number) {
    long size = first;
    for (int step = (number - 1) / STEP; step > 0 && size < largest; step--) {
      size *= 2;
    }
    return Math.min(size, largest);
  }
}
