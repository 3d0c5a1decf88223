package io.registry.operations.backfill;

import io.registry.testkit.GcsBucket;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class GcsBackfillHttpTest extends BackfillHttpContract {
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
