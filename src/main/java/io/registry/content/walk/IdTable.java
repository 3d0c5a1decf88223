package io.registry.content.walk;

import io.registry.content.image.ImageId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Any number of image ids by number, in a file that {@link IdSort} has written. */
public final class IdTable {
  /** The number of an image that is not in the table. */
  public static final int UNKNOWN = -2;

  private final RecordFile ids;
  private final int size;

  /**
   * Opens a table.
   *
   * @param file the sorted ids
   * @throws IOException when the file cannot be read, or has too many ids
   */
  public IdTable(Path file) throws IOException {
    long count = Files.size(file) / IdRecord.LENGTH;
    if (count > Integer.MAX_VALUE) {
      throw new IOException("more than " + Integer.MAX_VALUE + " images");
    }
    this.size = (int) count;
    this.ids = new RecordFile(file, IdRecord.LENGTH, size);
  }

  /** How many ids there are. */
  public int size() {
    return size;
  }

  /** The id with a number. */
  public ImageId id(int index) {
    return IdRecord.id(ids.read(index));
  }

  /** The number of an image; {@link #UNKNOWN} when it is not in the table. */
  public int find(ImageId id) {
    byte[] wanted = IdRecord.of(id);
    int low = 0;
    int high = size - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int order = Arrays.compareUnsigned(ids.read(middle), wanted);
      if (order == 0) {
        return middle;
      }
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return UNKNOWN;
  }
}
