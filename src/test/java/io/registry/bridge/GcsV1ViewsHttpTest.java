package io.registry.bridge;

import io.registry.testkit.Bucket;
import io.registry.testkit.GcsBucket;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;

@Tag("slow")
class GcsV1ViewsHttpTest extends BucketV1ViewsHttpContract {
  @Override
  Bucket bucket(Path directory) throws Exception {
    return new GcsBucket(directory);
  }
}
