package io.registry.storage.gcs;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.BlobStorageContract;
import io.registry.storage.ByteRange;
import io.registry.testkit.FakeGcs;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class GcsBlobStorageTest extends BlobStorageContract {
  private static final BlobKey KEY = BlobKey.of("images", "abc", "layer");

  private final FakeGcs gcs = new FakeGcs();
  private final GcsBlobStorage storage;

  GcsBlobStorageTest(@TempDir Path directory) throws IOException {
    storage = GcsBlobStorage.connect(GcsSettings.of(gcs, directory), GcsSettings.withoutRedirect());
  }

  @AfterEach
  void leavesNoUploadOpen() {
    assertThat(gcs.openSessions()).isZero();
    storage.close();
    gcs.close();
  }

  @Override
  protected BlobStorage storage() {
    return storage;
  }

  @Override
  protected void createMany(BlobKey prefix, int count) {
    for (int i = 0; i < count; i++) {
      gcs.put("registry/" + prefix.path() + "/" + i, new byte[0]);
    }
  }

  @Test
  void blobsAreObjectsBelowThePrefix() {
    byte[] bytes = random(1000);
    storage.write(KEY, bytes);

    assertThat(gcs.names()).containsExactly("registry/images/abc/layer");
    assertThat(gcs.bytes("registry/images/abc/layer")).isEqualTo(bytes);
    assertThat(storage.describe()).isEqualTo("gcs (layers/registry/)");
    assertThat(storage.downloadUrl(KEY)).isEmpty();
  }

  @Test
  void foldersOfConsolesAndForeignNamesAreNoBlobs() {
    gcs.put("registry/images/abc/", new byte[0]);
    gcs.put("registry/images/abc/folder/", new byte[0]);
    gcs.put("registry/images/abc//double", new byte[0]);
    gcs.put("registry/images/abc/..", new byte[0]);
    gcs.put("registry/images/abc/json", random(10));
    gcs.put("elsewhere/images/abc/layer", new byte[0]);

    assertThat(list(BlobKey.of("images", "abc"))).containsExactly("json");
    assertThat(storage.exists(KEY)).isFalse();
    assertThat(storage.open(BlobKey.of("images", "abc", "folder"), ByteRange.ALL)).isEmpty();
  }
}
