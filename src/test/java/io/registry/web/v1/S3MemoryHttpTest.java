package io.registry.web.v1;

import io.registry.testkit.RegistryProcess;
import io.registry.testkit.S3Server;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * On a bucket. The sizes are those that the server of the test can hold; a part of each upload is
 * full before it goes on.
 */
class S3MemoryHttpTest extends MemoryHttpContract {
  private static S3Server s3;

  @BeforeAll
  static void startStore() throws Exception {
    s3 = S3Server.start();
  }

  @AfterAll
  static void stopStore() throws Exception {
    s3.close();
  }

  @Override
  protected RegistryProcess start(Path directory) throws Exception {
    return RegistryProcess.startWith(
        "--spring.profiles.active=s3",
        "--registry.storage.s3.bucket=" + s3.createBucket(),
        "--registry.storage.s3.endpoint=" + s3.endpoint(),
        "--registry.storage.s3.path-style=true",
        "--registry.storage.s3.access-key=" + S3Server.ACCESS_KEY,
        "--registry.storage.s3.secret-key=" + S3Server.SECRET_KEY,
        "--registry.storage.s3.part-size=5MB");
  }

  @Override
  protected long large() {
    return 200L * 1024 * 1024;
  }

  @Override
  protected int readers() {
    return 100;
  }

  @Override
  protected int readSize() {
    return 8;
  }

  @Override
  protected int uploaders() {
    return 40;
  }

  @Override
  protected int half() {
    return 3_000_000;
  }
}
