package io.registry.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.testkit.TestPush;
import io.registry.testkit.TestPush.Layer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class LocalV1ViewsHttpTest extends V1ViewsHttpContract {
  private Path directory = Path.of("");

  @Override
  List<String> arguments() {
    return List.of("--registry.storage.local.path=" + directory);
  }

  @Override
  void open(Path given) {
    directory = given;
  }

  @Override
  void close() {}

  @Override
  List<String> files() {
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> directory.relativize(file).toString())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  boolean areOne(String one, String other) {
    try {
      return Files.isSameFile(directory.resolve(one), directory.resolve(other));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void theLayerIsAFileThatTheOriginalServes() throws IOException {
    Layer layer = gzip("file");
    V1View view = publish(server(), push(server(), "file", layer));
    Path folder = directory.resolve("images").resolve(view.chain().get(0).value());

    assertThat(folder.resolve("layer")).hasBinaryContent(layer.stored());
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(Path::getFileName).map(Path::toString))
          .containsExactlyInAnyOrder("json", "ancestry", "_checksum", "layer");
    }
    assertThat(
            Files.isSameFile(
                folder.resolve("layer"), directory.resolve(TestPush.key(layer.digest()).path())))
        .isTrue();
  }
}
