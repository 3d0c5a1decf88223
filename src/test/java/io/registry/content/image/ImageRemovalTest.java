package io.registry.content.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.RegistryException;
import io.registry.storage.BlobStorage;
import io.registry.storage.ByteRange;
import io.registry.storage.StorageException;
import io.registry.storage.StorageException.Reason;
import io.registry.testkit.BrokenStorage;
import io.registry.testkit.BrokenStorage.Outcome;
import io.registry.testkit.InMemoryBlobStorage;
import io.registry.testkit.TestImage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What readers find while an image is removed, and after a removal that was broken off. */
class ImageRemovalTest {
  private static final JsonCodec CODEC = new JsonCodec();

  private final TestImage image = TestImage.base("removed", "a layer");
  private final ImageId id = new ImageId(image.id());
  private final BlobStorage storage = new InMemoryBlobStorage();
  private final BrokenStorage broken = new BrokenStorage(storage);
  private final List<ImageId> told = new ArrayList<>();
  private final ImageRemoval removal = new ImageRemoval(broken, told::add);

  @Test
  void nothingRemainsOfAnImage() {
    write();
    assertThat(removal.exists(id)).isTrue();

    remove();

    assertThat(removal.exists(id)).isFalse();
    assertThat(told).containsExactly(id);
  }

  @Test
  void whoRemembersIsToldWhenNoReaderCanRememberTheImageAgain() {
    write();
    StoredImages reader = new StoredImages(storage, CODEC);
    ImageRemoval watched =
        new ImageRemoval(
            storage,
            gone -> {
              refused(() -> reader.lookAt(gone));
              refused(() -> reader.lookAtAncestry(gone));
              told.add(gone);
            });

    watched.hide(id);

    assertThat(told).containsExactly(id);
  }

  @ParameterizedTest
  @EnumSource(names = {"FAILED", "DONE_BUT_FAILED"})
  void aRemovalThatIsBrokenOffShowsAllOrNothingAndCanBeRepeated(Outcome outcome) {
    int step = 0;
    boolean failed = true;
    while (failed) {
      step++;
      int failing = step;
      broken.heal();
      write();
      broken.fail(Reason.BROKEN, (number, verb, key) -> number == failing ? outcome : Outcome.DONE);
      try {
        remove();
        failed = false;
      } catch (StorageException e) {
        assertAllOrNothing();
        broken.heal();
        if (removal.exists(id)) {
          remove();
        }
        assertThat(removal.exists(id)).isFalse();
      }
    }
    assertThat(step).isGreaterThan(6);
  }

  private void assertAllOrNothing() {
    StoredImages reader = new StoredImages(storage, CODEC);
    try {
      assertThat(reader.describe(id).json()).isEqualTo(image.json());
      assertThat(reader.ancestry(id)).containsExactly(id);
      reader.layer(id, ByteRange.ALL).close();
    } catch (RegistryException e) {
      refused(() -> reader.describe(id));
      refused(() -> reader.ancestry(id));
      refused(() -> reader.layer(id, ByteRange.ALL).close());
    }
  }

  private static void refused(Runnable read) {
    assertThatExceptionOfType(RegistryException.class).isThrownBy(read::run);
  }

  private void remove() {
    removal.hide(id);
    removal.remove(id, () -> {});
  }

  private void write() {
    storage.write(ImageKeys.json(id), image.json());
    storage.write(ImageKeys.layer(id), image.layer());
    storage.write(ImageKeys.ancestry(id), ("[\"" + id + "\"]").getBytes(StandardCharsets.US_ASCII));
    Stream.of("_checksum", "_files", "_diff", "unknown")
        .forEach(name -> storage.write(ImageKeys.folder(id).child(name), new byte[] {'[', ']'}));
  }
}
