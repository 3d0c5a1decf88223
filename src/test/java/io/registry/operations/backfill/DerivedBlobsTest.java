package io.registry.operations.backfill;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.operations.backfill.BackfillCounts.Count;
import io.registry.storage.BlobKey;
import io.registry.testkit.InMemoryBlobStorage;
import io.registry.testkit.TestImage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DerivedBlobsTest {
  private static final int MANY = 3000;

  @TempDir Path directory;
  private final InMemoryBlobStorage storage = new InMemoryBlobStorage();
  private final BackfillCounts counts = new BackfillCounts();

  private static BlobKey layer(int number) {
    String id = TestImage.id("image " + number);
    return BlobKey.of("_v2", "images", id.substring(0, 2), id, "layer");
  }

  private static byte[] text(int number) {
    return ("{\"text\":\"é " + number + "\"}").getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void aDryRunKnowsManyLayersAgainAndWritesNothing() throws Exception {
    DerivedBlobs blobs =
        new DerivedBlobs(storage, counts, Optional.of(new Scratch(directory.resolve("scratch"))));
    storage.write(layer(MANY), text(MANY));
    for (int i = 0; i < MANY; i++) {
      blobs.writeUnsynced(layer(i), text(i));
    }
    blobs.write(BlobKey.of("_v2", "content", "some"), text(1));

    for (int i = 0; i <= MANY; i++) {
      assertThat(blobs.read(layer(i), 100)).contains(text(i));
    }
    assertThat(blobs.read(layer(MANY + 1), 100)).isEmpty();
    assertThat(storage.exists(layer(1))).isFalse();
    assertThat(blobs.read(BlobKey.of("_v2", "content", "some"), 100)).isEmpty();
    assertThat(counts.get(Count.BYTES_WRITTEN)).isGreaterThan(MANY * 10L);
  }

  @Test
  void otherwiseAllIsWritten() {
    DerivedBlobs blobs = new DerivedBlobs(storage, counts, Optional.empty());

    blobs.writeUnsynced(layer(1), text(1));
    blobs.write(layer(2), text(2));

    assertThat(storage.read(layer(1), 100)).contains(text(1));
    assertThat(storage.read(layer(2), 100)).contains(text(2));
    assertThat(counts.get(Count.BYTES_WRITTEN)).isEqualTo(text(1).length + text(2).length);
  }
}
