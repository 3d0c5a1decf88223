package io.registry.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.json.JsonCodec;
import io.registry.storage.Blob;
import io.registry.storage.ByteRange;
import io.registry.storage.StorageException.Reason;
import io.registry.testkit.BrokenStorage;
import io.registry.testkit.BrokenStorage.Outcome;
import io.registry.testkit.BrokenStorage.Verb;
import io.registry.testkit.InMemoryBlobStorage;
import io.registry.testkit.TestImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Two clients of one registry that push the same image at the same time. */
class SharedPlaceTest {
  private final TestImage image = TestImage.base("base", "a layer");
  private final ImageId id = new ImageId(image.id());
  private final BrokenStorage storage = new BrokenStorage(new InMemoryBlobStorage());
  private final JsonCodec codec = new JsonCodec();
  private final ImageUploads uploads =
      new ImageUploads(storage, codec, image -> {}, ImageEvents.UNHEARD, PushRule.NONE);
  private final Pusher one = new Pusher("one");
  private final Pusher two = new Pusher("two");

  @Test
  void aLayerThatArrivedWhileAnotherClientLookedKeepsItsPlace() throws IOException {
    uploads.begin(id, image.json(), one);
    uploads.begin(id, image.json(), two);
    AtomicBoolean arrived = new AtomicBoolean();
    AtomicBoolean looked = new AtomicBoolean();
    storage.fail(
        Reason.BROKEN,
        (number, verb, key) -> {
          // Just after the folder was listed: before the next thing that is asked of the store.
          if (looked.get() && arrived.compareAndSet(false, true)) {
            uploads.receiveLayer(id, new ByteArrayInputStream(image.layer()), one);
          }
          looked.compareAndSet(false, verb == Verb.LIST);
          return Outcome.DONE;
        });

    uploads.receiveLayer(id, new ByteArrayInputStream(new byte[] {9, 9, 9}), two);
    storage.heal();

    assertThat(arrived).isTrue();
    uploads.finish(id, new Checksum(image.checksum()), one);
    try (Blob layer = new StoredImages(storage, codec).layer(id, ByteRange.ALL)) {
      assertThat(layer.body().readAllBytes()).isEqualTo(image.layer());
    }
  }
}
