package io.registry.web.v1;

import io.registry.testkit.Bucket;
import io.registry.testkit.S3Bucket;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;

@Tag("external")
@Tag("slow")
class S3MemoryHttpTest extends BucketMemoryHttpContract {

  @Override
  protected Bucket newBucket(Path directory) throws Exception {
    return new S3Bucket();
  }

  @Override
  protected String partSize() {
    return "--registry.storage.s3.part-size=5MB";
  }
}
