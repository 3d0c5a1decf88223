package io.registry.content.walk;

import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A file of records of fixed length with random access. It is mapped into memory, so that it takes
 * no heap, and written records outlive the process.
 */
public final class RecordFile {
  /** A buffer cannot map more than 2 GiB. */
  private static final int RECORDS_PER_MAP = 1 << 24;

  private final int length;
  private final List<MappedByteBuffer> maps = new ArrayList<>();

  /**
   * Opens a file and extends it to its full length.
   *
   * @param file the file
   * @param length of a record, in bytes
   * @param count how many records it has
   * @throws IOException when the file cannot be opened
   */
  public RecordFile(Path file, int length, int count) throws IOException {
    this.length = length;
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      for (int from = 0; from < count; from += RECORDS_PER_MAP) {
        long bytes = (long) Math.min(RECORDS_PER_MAP, count - from) * length;
        maps.add(channel.map(FileChannel.MapMode.READ_WRITE, (long) from * length, bytes));
      }
    }
  }

  /** The buffer that a record is in. */
  public MappedByteBuffer map(int index) {
    return maps.get(index / RECORDS_PER_MAP);
  }

  /** Where a record begins in its buffer. */
  public int offset(int index) {
    return index % RECORDS_PER_MAP * length;
  }

  byte[] read(int index) {
    byte[] bytes = new byte[length];
    map(index).get(offset(index), bytes);
    return bytes;
  }

  /** Returns when what was written survives a crash of the machine. */
  public void force() {
    maps.forEach(MappedByteBuffer::force);
  }
}
