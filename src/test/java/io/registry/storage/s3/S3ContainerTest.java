package io.registry.storage.s3;

import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.BlobStorageContract;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;

/** The contract against SeaweedFS, where there is a container engine. */
@Testcontainers(disabledWithoutDocker = true)
class S3ContainerTest extends BlobStorageContract {

  private static final int PORT = 8333;
  private static final String ACCESS_KEY = "registry";
  private static final String SECRET_KEY = "registry-secret";

  @Container
  private static final GenericContainer<?> SEAWEEDFS =
      new GenericContainer<>("chrislusf/seaweedfs:4.47")
          .withCommand("mini", "-dir=/data", "-s3.port=" + PORT, "-webdav=false")
          .withEnv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
          .withEnv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
          .withExposedPorts(PORT)
          .waitingFor(Wait.forHttp("/healthz").forPort(PORT));

  private S3TestStore store;

  @BeforeEach
  void open() {
    String endpoint = "http://" + SEAWEEDFS.getHost() + ":" + SEAWEEDFS.getMappedPort(PORT);
    store = S3TestStore.at(endpoint, ACCESS_KEY, SECRET_KEY);
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Override
  protected BlobStorage storage() {
    return store.storage();
  }

  @Override
  protected int moreThanOnePart() {
    return 11 * 1024 * 1024 + 1;
  }

  @Override
  protected void createMany(BlobKey prefix, int count) throws IOException {
    S3BlobStorageTest.createMany(storage(), prefix, count);
  }
}
