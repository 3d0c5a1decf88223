package io.registry.web.api;

import io.registry.testkit.S3Bucket;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;

class S3TrashHttpTest extends TrashHttpContract {
  private final S3Bucket bucket = bucket();

  @Override
  List<String> store(Path directory) {
    return bucket.arguments();
  }

  private static S3Bucket bucket() {
    try {
      return new S3Bucket();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @AfterAll
  void close() throws Exception {
    bucket.close();
  }
}
