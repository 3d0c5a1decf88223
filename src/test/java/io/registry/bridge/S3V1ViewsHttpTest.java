package io.registry.bridge;

import io.registry.testkit.Bucket;
import io.registry.testkit.S3Bucket;
import java.nio.file.Path;

class S3V1ViewsHttpTest extends BucketV1ViewsHttpContract {
  @Override
  Bucket bucket(Path directory) throws Exception {
    return new S3Bucket();
  }
}
