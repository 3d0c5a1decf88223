package io.registry.web.v2;

import io.registry.testkit.Bucket;
import io.registry.testkit.S3Bucket;
import java.nio.file.Path;

class S3DistributionTreeHttpTest extends DistributionBucketHttpContract {
  @Override
  Bucket bucket(Path directory) throws Exception {
    return new S3Bucket();
  }
}
