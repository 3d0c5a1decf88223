package io.registry.web.v1;

import io.registry.testkit.Bucket;
import io.registry.testkit.GcsBucket;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;

@Tag("external")
@Tag("slow")
class GcsMemoryHttpTest extends BucketMemoryHttpContract {

  @Override
  protected Bucket newBucket(Path directory) throws Exception {
    return new GcsBucket(directory);
  }

  @Override
  protected String partSize() {
    return "--registry.storage.gcs.part-size=5MB";
  }
}
