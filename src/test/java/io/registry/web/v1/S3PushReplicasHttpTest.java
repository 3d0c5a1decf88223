package io.registry.web.v1;

import io.registry.testkit.Budget;
import io.registry.testkit.S3Bucket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;

/** Two processes on one bucket. */
@Tag("external")
@Tag("slow")
class S3PushReplicasHttpTest extends PushReplicasHttpContract {
  private final S3Bucket bucket;

  S3PushReplicasHttpTest() throws Exception {
    bucket = new S3Bucket();
  }

  @AfterAll
  void closeBucket() throws Exception {
    bucket.close();
  }

  @Override
  List<String> arguments() {
    List<String> arguments = new ArrayList<>(bucket.arguments());
    arguments.add("--registry.storage.s3.part-size=5MB");
    return arguments;
  }

  @Override
  List<String> files() {
    return bucket.objects().stream().map(name -> name.replaceFirst("^/?registry/", "")).toList();
  }

  @Override
  int rounds() {
    return Budget.times(2);
  }

  @Override
  int kills() {
    return Budget.times(1);
  }
}
