package io.registry.storage;

/**
 * The bytes of a blob that a reader wants; the size of the blob need not be known.
 *
 * @param first the first byte wanted, counted from 0; or, when negative, minus the number of bytes
 *     wanted from the end
 * @param last the last byte wanted, inclusive; beyond the end of the blob it means the end
 */
public record ByteRange(long first, long last) {
  /** The whole blob, even if it is empty. */
  public static final ByteRange ALL = new ByteRange(0, Long.MAX_VALUE);

  /**
   * Validates the bounds.
   *
   * @throws IllegalArgumentException when the last byte comes before the first
   */
  public ByteRange {
    if (last < first) {
      throw new IllegalArgumentException("a range from " + first + " to " + last);
    }
  }

  /**
   * The last bytes of a blob, or all of it when it is shorter.
   *
   * @param count the number of bytes, at least 1
   * @return the range
   */
  public static ByteRange suffix(long count) {
    return new ByteRange(-count, Long.MAX_VALUE);
  }

  /**
   * The offset at which the range begins in a blob of that size.
   *
   * @param size the size of the blob in bytes
   * @return the offset of the first byte
   * @throws UnsatisfiableRangeException when the range begins at or after the end
   */
  public long offset(long size) {
    if (equals(ALL)) {
      return 0;
    }
    long offset = first < 0 ? Math.max(0, size + first) : first;
    if (offset >= size) {
      throw new UnsatisfiableRangeException(size);
    }
    return offset;
  }

  /**
   * The number of bytes that the range covers in a blob of that size.
   *
   * @param size the size of the blob in bytes
   * @return the number of bytes
   * @throws UnsatisfiableRangeException when the range begins at or after the end
   */
  public long length(long size) {
    return Math.min(last, size - 1) - offset(size) + 1;
  }
}
