package io.registry.web.v2;

import io.registry.testkit.S3Bucket;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;

@Tag("slow")
class S3V2FaultHttpTest extends V2FaultHttpContract {
  @SuppressWarnings("NullAway.Init")
  private S3Bucket bucket;

  @Override
  List<String> arguments(Path scratch) throws Exception {
    bucket = new S3Bucket();
    return bucket.arguments();
  }

  @Override
  List<String> files() {
    return bucket.objects();
  }

  @AfterEach
  void closeBucket() throws Exception {
    bucket.close();
  }
}
