package io.registry.content.files;

import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.RegistryException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.springframework.util.unit.DataSize;

/** The archives of {@code src/test/resources/layers}, and lists of archives. */
final class LayerArchives {
  static final Path FOLDER = Path.of("src/test/resources/layers");

  static final ContentsProperties.Limits LIMITS = limits(1_000_000, DataSize.ofKilobytes(4));

  private LayerArchives() {}

  static ContentsProperties.Limits limits(int entries, DataSize nameLength) {
    return new ContentsProperties.Limits(
        entries,
        nameLength,
        DataSize.ofMegabytes(16),
        DataSize.ofMegabytes(512),
        250,
        Duration.ofMinutes(1),
        DataSize.ofMegabytes(80));
  }

  /** The names of those in a dialect of their own. */
  static List<String> dialects() {
    return names(".tar.json");
  }

  /** The names of those that hold the same and are packed in another way. */
  static List<String> packed() {
    return Stream.concat(
            names("").stream().filter(name -> name.startsWith("packed.tar")), Stream.of())
        .filter(name -> !name.endsWith(".json"))
        .toList();
  }

  private static List<String> names(String end) {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files
          .map(file -> Objects.requireNonNull(file.getFileName()).toString())
          .filter(name -> name.endsWith(end))
          .map(name -> name.substring(0, name.length() - end.length()))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] read(String name) {
    try {
      return Files.readAllBytes(FOLDER.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Without what it is packed in. */
  static byte[] unpacked(String name) {
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(read(name)))) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String list(byte[] layer) {
    return list(layer, LIMITS);
  }

  static String list(byte[] layer, ContentsProperties.Limits limits) {
    return list(new ByteArrayInputStream(layer), limits);
  }

  /**
   * Lists a layer.
   *
   * @throws RegistryException when it cannot be listed
   */
  static String list(InputStream layer, ContentsProperties.Limits limits) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new LayerFiles(new JsonCodec(), Clock.systemUTC(), limits).list(layer, () -> true, out);
    return out.toString(StandardCharsets.UTF_8);
  }
}
