package io.registry.operations.collect;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

class LocalCollectHttpTest extends CollectHttpContract {
  @TempDir static Path directory;

  private static CollectedRegistry registry;

  @BeforeAll
  static void start() {
    registry = new CollectedRegistry(2, directory);
  }

  @AfterAll
  static void stop() {
    registry.close();
  }

  @Override
  protected CollectedRegistry registry() {
    return registry;
  }
}
