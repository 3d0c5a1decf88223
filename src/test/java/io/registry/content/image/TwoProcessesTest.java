package io.registry.content.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.platform.json.JsonCodec;
import io.registry.storage.Blob;
import io.registry.storage.BlobKey;
import io.registry.storage.ByteRange;
import io.registry.storage.StorageException.Reason;
import io.registry.testkit.BrokenStorage;
import io.registry.testkit.BrokenStorage.Outcome;
import io.registry.testkit.InMemoryBlobStorage;
import io.registry.testkit.TestImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Two registries on one store: what one has finished, the other neither undoes nor replaces. */
class TwoProcessesTest {
  private static final JsonCodec CODEC = new JsonCodec();

  private final TestImage image = TestImage.base("base", "a layer");
  private final ImageId id = new ImageId(image.id());
  private final InMemoryBlobStorage storage = new InMemoryBlobStorage();
  private final ImageUploads one =
      new ImageUploads(storage, CODEC, image -> {}, ImageEvents.UNHEARD, PushRule.NONE);
  private final BrokenStorage observed = new BrokenStorage(storage);
  private final ImageUploads other =
      new ImageUploads(observed, CODEC, image -> {}, ImageEvents.UNHEARD, PushRule.NONE);
  private final ImageReader images = new StoredImages(storage, CODEC);
  private final Pusher pusher = new Pusher("somebody");

  @Test
  void aPushThatIsBegunElsewhereAtTheSameTimeIsJoined() {
    // After the look into the folder, which had no mark.
    AtomicBoolean begun = new AtomicBoolean();
    observed.fail(
        Reason.BROKEN,
        (number, verb, key) -> {
          if (number == 2 && begun.compareAndSet(false, true)) {
            one.begin(id, image.json(), pusher);
            one.receiveLayer(id, new ByteArrayInputStream(image.layer()), pusher);
          }
          return Outcome.DONE;
        });

    other.begin(id, image.json(), pusher);

    assertThat(begun).isTrue();
    one.finish(id, new Checksum(image.checksum()), pusher);
    assertWhole();
  }

  @Test
  void aPushThatIsJoinedElsewhereCanBeFinished() {
    one.begin(id, image.json(), pusher);
    one.receiveLayer(id, new ByteArrayInputStream(image.layer()), pusher);
    other.begin(id, image.json(), pusher);
    one.finish(id, new Checksum(image.checksum()), pusher);

    assertWhole();
  }

  @Test
  void aLayerThatAnotherProcessLeftBehindIsReplacedByTheOneThatIsAnnounced() {
    one.begin(id, image.json(), pusher);
    one.receiveLayer(id, new ByteArrayInputStream(new byte[] {9, 9, 9}), pusher);

    other.begin(id, image.json(), pusher);
    other.receiveLayer(id, new ByteArrayInputStream(image.layer()), pusher);
    other.finish(id, new Checksum(image.checksum()), pusher);

    assertWhole();
    assertThat(names()).containsExactlyInAnyOrder("json", "ancestry", "layer", "_checksum");
  }

  @Test
  void eachRequestOfAPushMayGoToAnotherProcess() {
    one.begin(id, image.json(), pusher);
    other.receiveLayer(id, new ByteArrayInputStream(image.layer()), pusher);
    one.finish(id, new Checksum(image.checksum()), pusher);

    assertWhole();
  }

  private void assertWhole() {
    assertThat(images.describe(id).json()).isEqualTo(image.json());
    assertThat(images.describe(id).checksums()).containsExactly(new Checksum(image.checksum()));
    try (Blob layer = images.layer(id, ByteRange.ALL)) {
      assertThat(layer.body().readAllBytes()).isEqualTo(image.layer());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private List<String> names() {
    return storage.names(BlobKey.of("images", id.value())).toList();
  }
}
