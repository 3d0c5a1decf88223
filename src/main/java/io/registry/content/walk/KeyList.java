package io.registry.content.walk;

import io.registry.storage.BlobKey;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.stream.Stream;

/** Any number of keys in a file, one a line. */
public final class KeyList {
  private KeyList() {}

  /**
   * Writes keys down while they are found.
   *
   * @param list the file for them
   * @param keys closed when this returns
   * @param progress is told how many there are so far
   * @return how many there are
   * @throws IOException when the disk fails
   */
  public static long write(Path list, Stream<BlobKey> keys, LongConsumer progress)
      throws IOException {
    AtomicLong count = new AtomicLong();
    try (keys;
        BufferedWriter lines = Files.newBufferedWriter(list)) {
      // An iterator would hold all keys of a folder.
      keys.forEach(
          key -> {
            write(lines, key);
            progress.accept(count.incrementAndGet());
          });
    }
    return count.get();
  }

  private static void write(BufferedWriter lines, BlobKey key) {
    try {
      lines.write(key.path());
      lines.newLine();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
