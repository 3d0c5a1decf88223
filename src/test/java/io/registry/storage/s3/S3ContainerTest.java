package io.registry.storage.s3;

import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.BlobStorageContract;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.testcontainers.containers.MinIOContainer;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;

/** The contract against MinIO, where there is a container engine. */
@Testcontainers(disabledWithoutDocker = true)
class S3ContainerTest extends BlobStorageContract {

  @Container
  private static final MinIOContainer MINIO =
      new MinIOContainer("minio/minio:RELEASE.2025-04-22T22-12-26Z");

  private S3TestStore store;

  @BeforeEach
  void open() {
    store = S3TestStore.at(MINIO.getS3URL(), MINIO.getUserName(), MINIO.getPassword());
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
