package io.registry.operations.collect;

import io.registry.testkit.S3Bucket;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

class S3CollectHttpTest extends CollectHttpContract {
  @TempDir static Path directory;

  private static S3Bucket bucket;
  private static CollectedRegistry registry;

  @BeforeAll
  static void start() throws Exception {
    bucket = new S3Bucket();
    registry = new CollectedRegistry(2, directory, bucket.arguments().toArray(String[]::new));
  }

  @AfterAll
  static void stop() throws Exception {
    registry.close();
    bucket.close();
  }

  @Override
  protected CollectedRegistry registry() {
    return registry;
  }
}
