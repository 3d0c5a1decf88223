package io.registry.web.v2;

import io.registry.testkit.Bucket;
import io.registry.testkit.GcsBucket;
import java.nio.file.Path;

class GcsDistributionTreeHttpTest extends DistributionBucketHttpContract {
  @Override
  Bucket bucket(Path directory) throws Exception {
    return new GcsBucket(directory);
  }
}
