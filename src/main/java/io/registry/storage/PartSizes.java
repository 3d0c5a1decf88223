package io.registry.storage;

/**
 * The sizes of the parts in which a blob of unknown length is sent to an object store. Stores
 * accept a limited number of parts, so later parts are larger: each thousand is twice as large as
 * the one before.
 *
 * @param first size of the first parts in bytes
 * @param largest the largest part that the store accepts, in bytes
 */
public record PartSizes(long first, long largest) {
  /** The largest number of parts that S3 accepts for one object. */
  public static final int MAX_PARTS = 10_000;

  private static final int STEP = 1000;

  /**
   * Validates the sizes.
   *
   * @throws IllegalArgumentException when they are not valid
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
