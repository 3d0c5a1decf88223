package io.registry.content.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.storage.BlobKey;
import io.registry.testkit.InMemoryBlobStorage;
import io.registry.testkit.PassingClock;
import io.registry.testkit.TestImage;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

/** What becomes of uploads that are not finished. */
class StagingSweepTest {
  private static final Pusher CLIENT = new Pusher("client");
  private static final UploadProperties LIMITS =
      new UploadProperties(
          Duration.ofHours(24),
          Duration.ofHours(1),
          1,
          10,
          DataSize.ofMegabytes(10),
          DataSize.ofMegabytes(10));

  // The store tells when a file was written.
  private final PassingClock clock = new PassingClock(Instant.now());
  private final InMemoryBlobStorage storage = new InMemoryBlobStorage();
  private final ImageUploads uploads = process();
  private final TestImage image = TestImage.base("image", "a layer");
  private final ImageId id = new ImageId(image.id());

  private ImageUploads process() {
    return new ImageUploads(
        storage, new JsonCodec(), image -> {}, ImageEvents.UNHEARD, PushRule.NONE, LIMITS, clock);
  }

  private void send(InputStream layer) {
    uploads.receiveLayer(id, layer, CLIENT);
  }

  private List<String> staged() {
    try (Stream<String> images = storage.folders(StagingPlace.ROOT)) {
      return images.toList();
    }
  }

  @Test
  void anAbandonedUploadIsRemovedWhenItHasExpiredAndNotBefore() {
    uploads.begin(id, image.json(), CLIENT);
    send(new ByteArrayInputStream(image.layer()));

    clock.pass(Duration.ofHours(23));
    uploads.sweep().run();
    assertThat(staged()).containsExactly(image.id());

    clock.pass(Duration.ofHours(2));
    uploads.sweep().run();
    assertThat(staged()).isEmpty();
  }

  @Test
  void whatWasRemovedIsNotCountedAnyMore() {
    uploads.begin(id, image.json(), CLIENT);
    clock.pass(Duration.ofHours(25));
    uploads.sweep().run();

    TestImage next = TestImage.base("next", "a layer");
    uploads.begin(new ImageId(next.id()), next.json(), CLIENT);

    assertThat(staged()).containsExactly(next.id());
  }

  @Test
  void whatAnotherProcessHasTakenInIsCounted() {
    process().begin(id, image.json(), CLIENT);
    uploads.sweep().run();

    TestImage next = TestImage.base("next", "a layer");
    assertThatExceptionOfType(RegistryException.class)
        .isThrownBy(() -> uploads.begin(new ImageId(next.id()), next.json(), CLIENT))
        .extracting(RegistryException::problem)
        .isEqualTo(Problem.TOO_MANY);
    assertThat(staged()).containsExactly(image.id());
  }

  @Test
  void anUploadWhoseLayerIsUnderWayIsNotRemoved() {
    uploads.begin(id, image.json(), CLIENT);
    send(
        new ByteArrayInputStream(image.layer()) {
          @Override
          public synchronized int read(byte[] buffer, int offset, int length) {
            clock.pass(Duration.ofHours(25));
            uploads.sweep().run();
            return super.read(buffer, offset, length);
          }
        });

    uploads.finish(id, new Checksum(image.checksum()), CLIENT);

    assertThat(storage.read(ImageKeys.layer(id), ImageKeys.SMALL)).hasValue(image.layer());
  }

  @Test
  void anUploadThatADeadProcessHasClaimedToPublishIsPublished() {
    uploads.begin(id, image.json(), CLIENT);
    send(new ByteArrayInputStream(image.layer()));
    BlobKey folder = StagingPlace.of(id, CLIENT).folder();
    try (Stream<String> layers = storage.folders(folder)) {
      String layer = layers.findFirst().orElseThrow();
      storage.write(
          ImageKeys.claim(id, 1), folder.child(layer).path().getBytes(StandardCharsets.UTF_8));
    }

    clock.pass(Duration.ofHours(25));
    process().sweep().run();

    assertThat(storage.read(ImageKeys.json(id), ImageKeys.SMALL)).hasValue(image.json());
    assertThat(storage.read(ImageKeys.layer(id), ImageKeys.SMALL)).hasValue(image.layer());
    assertThat(storage.exists(ImageKeys.claim(id, 1))).isFalse();
    assertThat(staged()).isEmpty();
  }
}
