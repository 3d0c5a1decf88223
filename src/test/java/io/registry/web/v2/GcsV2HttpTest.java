package io.registry.web.v2;

import io.registry.testkit.Bucket;
import io.registry.testkit.GcsBucket;
import java.nio.file.Path;

class GcsV2HttpTest extends V2BucketHttpContract {
  @Override
  Bucket bucket(Path directory) throws Exception {
    return new GcsBucket(directory);
  }
}
