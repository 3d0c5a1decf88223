package io.registry.operations.check;

import io.registry.testkit.GcsBucket;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class GcsStoreCheckHttpTest extends StoreCheckHttpContract {
  @TempDir Path directory;
  private GcsBucket bucket;

  @BeforeEach
  void makeBucket() throws Exception {
    bucket = new GcsBucket(directory);
  }

  @AfterEach
  void removeBucket() {
    bucket.close();
  }

  @Override
  List<String> arguments() {
    return bucket.arguments();
  }
}
