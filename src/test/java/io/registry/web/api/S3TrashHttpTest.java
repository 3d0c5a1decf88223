package io.registry.web.api;

import io.registry.testkit.S3Bucket;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;

class S3TrashHttpTest extends TrashHttpContract {
  private S3Bucket bucket;

  @Override
  List<String> store(Path directory) throws Exception {
    bucket = new S3Bucket();
    return bucket.arguments();
  }

  @AfterAll
  void close() throws Exception {
    bucket.close();
  }
}
