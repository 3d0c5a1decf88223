package io.registry.web.v1;

import io.registry.testkit.Bucket;
import io.registry.testkit.S3Bucket;
import java.nio.file.Path;

class S3BucketHttpTest extends BucketHttpContract {

  @Override
  protected Bucket newBucket(Path directory) throws Exception {
    return new S3Bucket();
  }
}
