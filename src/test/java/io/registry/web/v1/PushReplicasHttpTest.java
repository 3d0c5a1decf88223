package io.registry.web.v1;

import io.registry.testkit.Budget;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/** Two processes on one directory. */
@Tag("external")
@Tag("slow")
class PushReplicasHttpTest extends PushReplicasHttpContract {
  @TempDir static Path folder;

  @Override
  List<String> arguments() {
    return List.of("--registry.storage.local.path=" + folder);
  }

  @Override
  List<String> files() throws Exception {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> folder.relativize(file).toString())
          .toList();
    }
  }

  @Override
  int rounds() {
    return Budget.times(5);
  }

  @Override
  int kills() {
    return Budget.times(1);
  }
}
