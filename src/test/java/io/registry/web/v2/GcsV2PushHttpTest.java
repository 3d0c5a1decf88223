package io.registry.web.v2;

import io.registry.testkit.GcsBucket;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;

@Tag("slow")
class GcsV2PushHttpTest extends V2PushHttpContract {
  @SuppressWarnings("NullAway.Init")
  private GcsBucket bucket;

  @Override
  List<String> arguments(Path scratch) throws Exception {
    bucket = new GcsBucket(scratch);
    return bucket.arguments();
  }

  @Override
  List<String> files() {
    return bucket.objects();
  }

  @AfterAll
  void closeBucket() throws Exception {
    bucket.close();
  }
}
