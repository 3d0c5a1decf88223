package io.registry.check;

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
final class RecordFile {
  /** A buffer cannot map more than 2 GiB. */
  private static final int RECORDS_PER_MAP = 1 << 24;

  private final int length;
  private final List<MappedByteBuffer> maps = new ArrayList<>();

  /**
   * Opens a file and extends it to its full length.
   *
   * @param file the file
   * @param length the length of a record, in bytes
   * @param count the number of records
   */
  RecordFile(Path file, int length, int count) throws IOException {
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

  /** The buffer that contains a record. */
  MappedByteBuffer map(int index) {
    return maps.get(index / RECORDS_PER_MAP);
  }

  /** The position of a record in its buffer. */
  int offset(int index) {
    return index % RECORDS_PER_MAP * length;
  }

  byte[] read(int index) {
    byte[] bytes = new byte[length];
    map(index).get(offset(index), bytes);
    return bytes;
  }

  /** Makes all written records survive a crash of the machine. */
  void force() {
    maps.forEach(MappedByteBuffer::force);
  }
}
