package io.registry.content.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.storage.Blob;
import io.registry.storage.BlobInfo;
import io.registry.storage.ByteRange;
import io.registry.storage.StorageException.Reason;
import io.registry.testkit.BrokenStorage;
import io.registry.testkit.BrokenStorage.Outcome;
import io.registry.testkit.BrokenStorage.Verb;
import io.registry.testkit.InMemoryBlobStorage;
import io.registry.testkit.TestImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is remembered of a finished image spares requests, and never outlives the image. */
class FinishedImagesTest {
  private static final JsonCodec CODEC = new JsonCodec();
  private static final Pusher PUSHER = new Pusher("somebody");

  private final TestImage parent = TestImage.base("parent", "another layer");
  private final TestImage image = TestImage.base("base", "a layer");
  private final ImageId id = new ImageId(image.id());
  private final InMemoryBlobStorage storage = new InMemoryBlobStorage();
  private final BrokenStorage counted = new BrokenStorage(storage);
  private final StoredImages images = new StoredImages(counted, CODEC);
  private final ImageUploads uploads =
      new ImageUploads(storage, CODEC, image -> {}, ImageEvents.UNHEARD, PushRule.NONE);

  @BeforeEach
  void push() throws IOException {
    push(uploads, image);
    readAll();
  }

  @Test
  void aKnownImageIsReadWithOneLookForEachPart() {
    assertThat(verbsOf(() -> images.describe(id))).isEqualTo(1);
    assertThat(verbsOf(() -> images.ancestry(id))).isEqualTo(1);
    assertThat(verbsOf(() -> images.layer(id, ByteRange.ALL).close())).isEqualTo(1);
    assertThat(verbsOf(() -> images.layerInfo(id))).isEqualTo(1);
  }

  @Test
  void whoWillRememberAnImageDoesNotGoByWhatWasSeenOfIt() {
    assertThat(images.lookAt(id).isWhole()).isTrue();
    assertThat(images.lookAt(id).value().json()).isEqualTo(image.json());
    assertThat(images.lookAtAncestry(id)).isEqualTo(new ImageFinding<>(images.ancestry(id), true));
    assertThat(images.describe(id).layer()).isPresent();

    storage.delete(ImageKeys.layer(id));
    assertThat(images.lookAt(id).isWhole()).isFalse();
    assertThat(images.lookAt(id).value().layer()).isEmpty();
    assertThat(images.lookAtAncestry(id).isWhole()).isFalse();

    storage.write(ImageKeys.mark(id), new byte[0]);
    assertThatThrownBy(() -> images.lookAt(id)).hasMessageContaining("being uploaded");
    assertThatThrownBy(() -> images.lookAtAncestry(id)).hasMessageContaining("being uploaded");
  }

  @Test
  void whatIsPushedAnewBeforeALookIsReadAgain() throws IOException {
    push(uploads, parent);
    for (boolean ancestry : new boolean[] {false, true}) {
      storage.delete(ImageKeys.layer(id));
      BrokenStorage watched = new BrokenStorage(storage);
      StoredImages reader = new StoredImages(watched, CODEC);
      AtomicBoolean pushed = new AtomicBoolean();
      TestImage anew = TestImage.of("base", ancestry ? parent.id() : "", new byte[] {1, 2});
      // After the file was read, and before the folder is looked at.
      watched.fail(
          Reason.BROKEN,
          (number, verb, key) -> {
            if (verb == Verb.LIST && pushed.compareAndSet(false, true)) {
              push(uploads, anew);
            }
            return Outcome.DONE;
          });
      if (ancestry) {
        ImageFinding<List<ImageId>> found = reader.lookAtAncestry(id);
        assertThat(found)
            .isEqualTo(new ImageFinding<>(List.of(id, new ImageId(parent.id())), true));
      } else {
        ImageFinding<ImageDescriptor> found = reader.lookAt(id);
        assertThat(found.isWhole()).isTrue();
        assertThat(found.value().layer().map(BlobInfo::size)).hasValue(2L);
      }
      assertThat(pushed).isTrue();
    }
  }

  @Test
  void whatIsPushedAnewBetweenTwoLooksIsNotTakenForWhole() {
    AtomicInteger looks = new AtomicInteger();
    BrokenStorage watched = new BrokenStorage(storage);
    StoredImages reader = new StoredImages(watched, CODEC);
    TestImage anew = TestImage.of("base", "", new byte[] {1, 2});
    watched.fail(
        Reason.BROKEN,
        (number, verb, key) -> {
          if (verb == Verb.LIST && looks.incrementAndGet() == 2) {
            storage.delete(ImageKeys.layer(id));
            push(uploads, anew);
          }
          return Outcome.DONE;
        });

    assertThat(reader.lookAt(id).isWhole()).isFalse();
    looks.set(0);
    assertThat(reader.lookAtAncestry(id).isWhole()).isFalse();
  }

  @Test
  void anImageThatIsPushedAnewBecauseItsLayerWasLostIsNotShownByHalf() throws IOException {
    storage.delete(ImageKeys.layer(id));
    assertThat(images.describe(id).json()).isEqualTo(image.json());
    TestImage other = image.withLayer(new byte[] {1, 2, 3});
    uploads.begin(id, image.json(), PUSHER);
    uploads.receiveLayer(id, new ByteArrayInputStream(other.layer()), PUSHER);

    List<Verb> steps = new ArrayList<>();
    counted.fail(
        Reason.BROKEN,
        (number, verb, key) -> {
          // From the first file that is replaced on.
          if (verb == Verb.COPY && key.equals(ImageKeys.json(id))) {
            assertUnfinished(new StoredImages(storage, CODEC));
            steps.add(verb);
          }
          return Outcome.DONE;
        });
    new ImageUploads(counted, CODEC, image -> {}, ImageEvents.UNHEARD, PushRule.NONE)
        .finish(id, new Checksum(other.checksum()), PUSHER);
    assertThat(steps).hasSize(1);
    assertThat(images.describe(id).layer().map(BlobInfo::size)).hasValue(3L);
    assertThat(images.describe(id).checksums()).containsExactly(new Checksum(other.checksum()));
    try (Blob layer = images.layer(id, ByteRange.ALL)) {
      assertThat(layer.body().readAllBytes()).containsExactly(1, 2, 3);
    }
  }

  @Test
  void anImageThatIsPushedAnewWithAnotherParentHasAnotherAncestry() throws IOException {
    push(uploads, parent);
    assertThat(images.ancestry(id)).containsExactly(id);
    storage.delete(ImageKeys.layer(id));

    push(uploads, TestImage.of("base", parent.id(), new byte[] {1}));

    assertThat(images.ancestry(id)).containsExactly(id, new ImageId(parent.id()));
  }

  @Test
  void aLayerThatIsLostIsNotRememberedAsBeingThere() {
    storage.delete(ImageKeys.layer(id));

    assertThatExceptionOfType(RegistryException.class)
        .isThrownBy(() -> images.layer(id, ByteRange.ALL))
        .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.NOT_FOUND));
    assertThatExceptionOfType(RegistryException.class).isThrownBy(() -> images.layerInfo(id));
  }

  @Test
  void anImageThatIsRemovedFromTheStoreIsGone() {
    for (String part : List.of("json", "ancestry", "layer", "_checksum")) {
      storage.delete(ImageKeys.folder(id).child(part));
    }

    assertThatExceptionOfType(RegistryException.class).isThrownBy(() -> images.describe(id));
    assertThatExceptionOfType(RegistryException.class).isThrownBy(() -> images.ancestry(id));
  }

  private void assertUnfinished(StoredImages reader) {
    List<Runnable> reads =
        List.of(
            () -> reader.describe(id),
            () -> reader.ancestry(id),
            () -> reader.layerInfo(id),
            () -> reader.layer(id, ByteRange.ALL).close());
    for (Runnable read : reads) {
      assertThatExceptionOfType(RegistryException.class)
          .isThrownBy(read::run)
          .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.IN_PROGRESS));
    }
  }

  private void readAll() {
    images.describe(id);
    images.ancestry(id);
    images.layer(id, ByteRange.ALL).close();
  }

  private int verbsOf(Runnable read) {
    counted.fail(Reason.BROKEN, (number, verb, key) -> Outcome.DONE);
    read.run();
    // Reading the bytes of what was opened takes no further request.
    return counted.operations() - counted.reads();
  }

  private static void push(ImageUploads uploads, TestImage image) {
    ImageId id = new ImageId(image.id());
    uploads.begin(id, image.json(), PUSHER);
    uploads.receiveLayer(id, new ByteArrayInputStream(image.layer()), PUSHER);
    uploads.finish(id, new Checksum(image.checksum()), PUSHER);
  }
}
