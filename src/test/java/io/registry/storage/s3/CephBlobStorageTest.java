package io.registry.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.BlobStorageContract;
import io.registry.testkit.CephGateway;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The contract against a gateway that keeps conditions of whole objects, but not of parts. */
@Tag("external")
@Tag("slow")
class CephBlobStorageTest extends BlobStorageContract {
  private S3TestStore store;

  @BeforeAll
  static void requireCeph() {
    assumeTrue(
        CephGateway.isInstalled(), "radosgw, ceph-mon or ceph-osd is missing: no second server");
  }

  @BeforeEach
  void open() {
    store =
        S3TestStore.at(
            CephGateway.shared().endpoint().toString(),
            CephGateway.ACCESS_KEY,
            CephGateway.SECRET_KEY);
  }

  @AfterEach
  void leavesNoParts() {
    assertThat(store.unfinishedUploads()).isEmpty();
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

  // Seen once: 500, also for each of the client's three repetitions.
  @Override
  protected boolean failsBesideWriters() {
    return true;
  }

  // Each costs it more than the servers in this process, in time and memory.
  @Override
  protected int many() {
    return 2_001;
  }

  @Override
  protected void createMany(BlobKey prefix, int count) throws IOException {
    S3BlobStorageTest.createMany(storage(), prefix, count);
  }

  @Test
  void aLargeObjectIsCopiedInParts() {
    S3BlobStorageTest.copyInParts(store);
  }
}
