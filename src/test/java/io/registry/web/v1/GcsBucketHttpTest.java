package io.registry.web.v1;

import io.registry.testkit.Bucket;
import io.registry.testkit.GcsBucket;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;

@Tag("slow")
class GcsBucketHttpTest extends BucketHttpContract {

  @Override
  protected Bucket newBucket(Path directory) throws IOException {
    return new GcsBucket(directory);
  }
}
