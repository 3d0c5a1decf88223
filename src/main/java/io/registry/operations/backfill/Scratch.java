package io.registry.operations.backfill;

import io.registry.storage.BlobKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Any number of small texts in a few files. Texts have no line feed, as JSON that a codec renders.
 */
final class Scratch {
  /** With a million texts, each has about a thousand. */
  private static final int FILES = 1024;

  private final Path folder;

  Scratch(Path folder) throws IOException {
    this.folder = Files.createDirectories(folder);
  }

  synchronized void put(BlobKey key, byte[] text) {
    try {
      Files.writeString(
          file(key),
          key.path() + "\t" + new String(text, StandardCharsets.UTF_8) + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  synchronized Optional<byte[]> get(BlobKey key) {
    Path file = file(key);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    String start = key.path() + "\t";
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .filter(line -> line.startsWith(start))
          .map(line -> line.substring(start.length()).getBytes(StandardCharsets.UTF_8))
          .findFirst();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path file(BlobKey key) {
    return folder.resolve("part-" + Math.floorMod(key.path().hashCode(), FILES));
  }
}
