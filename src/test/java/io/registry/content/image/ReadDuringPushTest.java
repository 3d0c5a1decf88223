package io.registry.content.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.RegistryException;
import io.registry.storage.BlobStorage;
import io.registry.storage.ByteRange;
import io.registry.storage.StorageException.Reason;
import io.registry.testkit.BrokenStorage;
import io.registry.testkit.BrokenStorage.Outcome;
import io.registry.testkit.InMemoryBlobStorage;
import io.registry.testkit.TestImage;
import java.io.ByteArrayInputStream;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** An image that is begun between two steps of a read, whichever they are, is not shown by half. */
class ReadDuringPushTest {
  private static final JsonCodec CODEC = new JsonCodec();
  private static final Pusher PUSHER = new Pusher("somebody");

  private final TestImage image = TestImage.base("base", "a layer");
  private final ImageId id = new ImageId(image.id());
  private final BlobStorage storage = new InMemoryBlobStorage();
  private final ImageUploads uploads =
      new ImageUploads(storage, CODEC, image -> {}, ImageEvents.UNHEARD, PushRule.NONE);
  private final BrokenStorage observed = new BrokenStorage(storage);
  private final ImageReader images = new StoredImages(observed, CODEC);

  private enum Read {
    JSON,
    ANCESTRY,
    LAYER,
    NO_SUCH_RANGE
  }

  @ParameterizedTest
  @EnumSource(Read.class)
  void anImageThatIsBegunMeanwhileIsRefused(Read read) {
    for (int step : List.of(1, 2, 3, 4)) {
      during(read, step, () -> uploads.begin(id, image.json(), PUSHER));
    }
  }

  @ParameterizedTest
  @EnumSource(Read.class)
  void anImageWhoseLayerArrivesMeanwhileIsRefused(Read read) {
    for (int step : List.of(1, 2, 3, 4)) {
      during(
          read,
          step,
          () -> {
            uploads.begin(id, image.json(), PUSHER);
            uploads.receiveLayer(id, new ByteArrayInputStream(image.layer()), PUSHER);
          });
    }
  }

  @ParameterizedTest
  @CsvSource({"1", "2"})
  void aLayerThatIsRefusedIsClosed(int step) {
    // Reading the mark last must not leave the layer open that was opened before.
    during(
        Read.LAYER,
        step,
        () -> {
          uploads.begin(id, image.json(), PUSHER);
          uploads.receiveLayer(id, new ByteArrayInputStream(image.layer()), PUSHER);
        });
    assertThat(observed.openBlobs()).isZero();
  }

  private void during(Read read, int step, Runnable change) {
    for (String name : List.of("_inprogress", "json", "ancestry", "layer", "_checksum")) {
      storage.delete(ImageKeys.folder(id).child(name));
    }
    observed.fail(
        Reason.BROKEN,
        (number, verb, key) -> {
          if (number == step) {
            change.run();
          }
          return Outcome.DONE;
        });
    assertThatExceptionOfType(RegistryException.class)
        .as("%s, step %d", read, step)
        .isThrownBy(() -> read(read));
  }

  private void read(Read read) {
    switch (read) {
      case JSON -> images.describe(id);
      case ANCESTRY -> images.ancestry(id);
      case LAYER -> images.layer(id, ByteRange.ALL).close();
      case NO_SUCH_RANGE -> images.layer(id, new ByteRange(1000, 2000)).close();
    }
  }
}
