package io.registry.web.v2;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;

@Tag("slow")
class LocalV2FaultHttpTest extends V2FaultHttpContract {
  @Override
  List<String> arguments(Path scratch) {
    return List.of();
  }

  @Override
  List<String> files() throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      return all.filter(Files::isRegularFile).map(Path::toString).toList();
    }
  }
}
