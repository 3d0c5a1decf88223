package io.registry.operations.backfill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.registry.bridge.DerivedStore;
import io.registry.bridge.ImagePreparation;
import io.registry.content.files.ContentsProperties;
import io.registry.content.files.LayerScanner;
import io.registry.content.image.StoredImages;
import io.registry.content.repository.RepositoryInspection;
import io.registry.content.walk.OrderedWork;
import io.registry.content.walk.Progress;
import io.registry.content.walk.StoreWalk;
import io.registry.operations.backfill.BackfillCounts.Count;
import io.registry.platform.json.JsonCodec;
import io.registry.storage.BlobKey;
import io.registry.storage.StorageException;
import io.registry.storage.StorageException.Reason;
import io.registry.testkit.BrokenStorage;
import io.registry.testkit.InMemoryBlobStorage;
import io.registry.testkit.TestImage;
import io.registry.testkit.TestLayer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

/** What a backfill makes of a store that fails. */
class StoreBackfillTest {
  private static final ContentsProperties.Limits LIMITS =
      new ContentsProperties.Limits(
          1000,
          DataSize.ofKilobytes(4),
          DataSize.ofMegabytes(16),
          DataSize.ofMegabytes(512),
          250,
          Duration.ofMinutes(1),
          DataSize.ofMegabytes(80));

  private final BrokenStorage storage = new BrokenStorage(new InMemoryBlobStorage());
  private final BackfillCounts counts = new BackfillCounts();
  private final List<Finding> findings = new ArrayList<>();

  @BeforeEach
  void putImages() {
    for (String name : List.of("good", "bad")) {
      TestImage image = TestImage.of(name, "", TestLayer.of(name));
      write(image, "json", image.json());
      write(image, "ancestry", bytes("[\"" + image.id() + "\"]"));
      write(image, "layer", image.layer());
      storage.write(BlobKey.of("repositories", "library", name, "tag_latest"), bytes(image.id()));
    }
  }

  private void write(TestImage image, String file, byte[] bytes) {
    storage.write(BlobKey.of("images", image.id(), file), bytes);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private void run() throws IOException {
    JsonCodec codec = new JsonCodec();
    StoredImages images = new StoredImages(storage, codec);
    DerivedStore derived = new DerivedStore(storage);
    try (WorkPlace place = WorkPlace.open()) {
      new StoreBackfill(
              storage,
              new RepositoryInspection(storage, codec),
              images,
              new ImagePreparation(
                  images,
                  derived,
                  new LayerScanner(Clock.systemUTC(), LIMITS),
                  codec,
                  Runnable::run),
              counts,
              findings::add)
          .run(place, new StoreWalk(new OrderedWork(Runnable::run, 1), Progress.silent()), true);
    }
  }

  private void fail(Reason reason) {
    String bad = "images/" + TestImage.id("bad") + "/layer";
    storage.fail(
        reason,
        (number, verb, key) ->
            key.path().equals(bad) && verb == BrokenStorage.Verb.OPEN
                ? BrokenStorage.Outcome.FAILED
                : BrokenStorage.Outcome.DONE);
  }

  @Test
  void aLayerThatTheStoreCannotReadIsToldAndTheOthersArePrepared() throws IOException {
    fail(Reason.BROKEN);

    run();

    assertThat(findings).extracting(Finding::code).containsExactly(Finding.FAILED);
    assertThat(findings).extracting(Finding::repository).containsExactly("library/bad");
    assertThat(counts.get(Count.PREPARED)).isEqualTo(1);
    assertThat(counts.get(Count.FAILED)).isEqualTo(1);
  }

  @Test
  void aStoreThatIsAwayEndsTheBackfill() {
    fail(Reason.UNAVAILABLE);

    assertThatThrownBy(this::run).isInstanceOf(StorageException.class);
  }

  @Test
  void anImageThatIsBeingUploadedIsNoFinding() throws IOException {
    storage.write(BlobKey.of("images", TestImage.id("bad"), "_inprogress"), bytes("true"));

    run();

    assertThat(findings).isEmpty();
    assertThat(counts.get(Count.UNDER_WAY)).isEqualTo(1);
    assertThat(counts.get(Count.PREPARED)).isEqualTo(1);
  }
}
