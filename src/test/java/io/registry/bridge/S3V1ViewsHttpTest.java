package io.registry.bridge;

import io.registry.testkit.Bucket;
import io.registry.testkit.S3Bucket;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;

@Tag("slow")
class S3V1ViewsHttpTest extends BucketV1ViewsHttpContract {
  @Override
  Bucket bucket(Path directory) throws Exception {
    return new S3Bucket();
  }
}
