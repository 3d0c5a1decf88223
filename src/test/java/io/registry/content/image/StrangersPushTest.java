package io.registry.content.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.RegistryException;
import io.registry.testkit.InMemoryBlobStorage;
import io.registry.testkit.TestImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** Somebody pushes an image that is there already and that he may not read. */
class StrangersPushTest {
  private static final String TAKEN =
      "Another image has this id, which was pushed first: an admin, or the owner of its namespace,"
          + " can free the id";

  private static final byte[] CONTENT =
      "what is in the layer, and more of the same, more of the same"
          .getBytes(StandardCharsets.UTF_8);

  private final InMemoryBlobStorage storage = new InMemoryBlobStorage();
  private final JsonCodec codec = new JsonCodec();
  private final ImageUploads uploads =
      new ImageUploads(storage, codec, image -> {}, ImageEvents.UNHEARD, PushRule.NONE);
  private final ImageUploads otherProcess =
      new ImageUploads(storage, codec, image -> {}, ImageEvents.UNHEARD, PushRule.NONE);
  private final TestImage image =
      TestImage.base("base", "").withLayer(compressed(CONTENT, Deflater.BEST_COMPRESSION));
  private final ImageId id = new ImageId(image.id());
  private final Set<ImageId> his = new HashSet<>();
  private final Pusher owner = new Pusher("owner");
  private final Pusher stranger = new Pusher("stranger", "stranger", new Rights());

  private final class Rights implements PushRights {
    @Override
    public boolean isOpen() {
      return false;
    }

    @Override
    public boolean mayRead(ImageId image) {
      return his.contains(image);
    }

    @Override
    public boolean mayBuildOn(ImageId parent) {
      return his.contains(parent);
    }

    @Override
    public void completed(ImageId image) {
      his.add(image);
    }
  }

  @Test
  void theSameBytesMakeItHis() {
    push(uploads, owner, image);

    push(uploads, stranger, image);

    assertThat(his).containsExactly(id);
  }

  @Test
  void theSameBytesMakeItHisAlsoWhenAnotherProcessHearsTheEnd() {
    push(uploads, owner, image);

    uploads.begin(id, image.json(), stranger);
    send(uploads, stranger, image);
    otherProcess.finish(id, new Checksum(image.checksum()), stranger);

    assertThat(his).containsExactly(id);
  }

  @Test
  void theSameContentCompressedAnewMakesItHisAndChangesNothing() {
    push(uploads, owner, image);
    TestImage anew = image.withLayer(compressed(CONTENT, Deflater.NO_COMPRESSION));
    assertThat(anew.layer()).isNotEqualTo(image.layer());

    push(uploads, stranger, anew);

    assertThat(his).containsExactly(id);
    assertThat(storage.read(ImageKeys.layer(id), ImageKeys.SMALL)).hasValue(image.layer());
  }

  /** As daemons from 1.10 on send it. */
  @Test
  void theSameContentUncompressedMakesItHisAndChangesNothing() {
    push(uploads, owner, image);

    push(uploads, stranger, image.withLayer(CONTENT));

    assertThat(his).containsExactly(id);
    assertThat(storage.read(ImageKeys.layer(id), ImageKeys.SMALL)).hasValue(image.layer());
  }

  @Test
  void anIdAloneIsNotAnswered() {
    push(uploads, owner, image);
    byte[] guessed = "{\"id\": \"%s\"}".formatted(image.id()).getBytes(StandardCharsets.UTF_8);

    TestImage guess = new TestImage(image.id(), guessed, image.layer());
    refused(TAKEN, () -> push(uploads, stranger, guess));

    assertThat(his).isEmpty();
  }

  @Test
  void theDescriptionAloneIsNotEnough() {
    push(uploads, owner, image);

    uploads.begin(id, image.json(), stranger);
    refused(
        "The layer has not been uploaded yet: send it before its checksum",
        () -> uploads.finish(id, new Checksum(image.checksum()), stranger));

    assertThat(his).isEmpty();
  }

  /** Two clients of his, which tell the registry that more than one is at it. */
  @Test
  void theChecksumAloneIsNotEnough() {
    Pusher another = new Pusher("stranger from elsewhere", "stranger", new Rights());
    push(uploads, owner, image);

    uploads.begin(id, image.json(), stranger);
    refused("Image not found", () -> uploads.finish(id, new Checksum(image.checksum()), another));

    assertThat(his).isEmpty();
  }

  @Test
  void whatOthersSentIsNotHis() {
    uploads.begin(id, image.json(), owner);
    uploads.begin(id, image.json(), stranger);
    send(uploads, owner, image);
    uploads.finish(id, new Checksum(image.checksum()), owner);

    refused(
        "The layer has not been uploaded yet: send it before its checksum",
        () -> uploads.finish(id, new Checksum(image.checksum()), stranger));

    assertThat(his).isEmpty();
  }

  @Test
  void anotherLayerSentMeanwhileDoesNotGiveHimTheOneThatWasTaken() {
    TestImage another = image.withLayer(new byte[] {1, 2, 3});
    uploads.begin(id, image.json(), owner);
    send(uploads, owner, image);
    uploads.begin(id, image.json(), stranger);
    send(uploads, stranger, another);
    uploads.finish(id, new Checksum(image.checksum()), owner);

    refused(TAKEN, () -> uploads.finish(id, new Checksum(another.checksum()), stranger));

    assertThat(his).isEmpty();
    assertThat(storage.read(ImageKeys.layer(id), ImageKeys.SMALL)).hasValue(image.layer());
  }

  @Test
  void theSameLayerSentMeanwhileIsHis() {
    uploads.begin(id, image.json(), owner);
    uploads.begin(id, image.json(), stranger);
    send(uploads, owner, image);
    send(uploads, stranger, image);
    uploads.finish(id, new Checksum(image.checksum()), owner);

    uploads.finish(id, new Checksum(image.checksum()), stranger);

    assertThat(his).containsExactly(id);
  }

  @Test
  void anotherLayerIsRefusedAndNothingIsChanged() {
    push(uploads, owner, image);

    for (byte[] layer :
        new byte[][] {
          {},
          {1, 2, 3},
          Arrays.copyOf(CONTENT, CONTENT.length - 1),
          Arrays.copyOf(CONTENT, CONTENT.length + 1),
          compressed("something else".getBytes(StandardCharsets.UTF_8), Deflater.BEST_SPEED),
          compressed(new byte[1_000_000], Deflater.BEST_SPEED),
          {0x1f, (byte) 0x8b, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7}
        }) {
      refused(TAKEN, () -> push(uploads, stranger, image.withLayer(layer)));
    }

    assertThat(his).isEmpty();
    assertThat(storage.read(ImageKeys.layer(id), ImageKeys.SMALL)).hasValue(image.layer());
  }

  @Test
  void whatIsNotHisIsNoParent() {
    push(uploads, owner, image);
    TestImage child = TestImage.child("child", image, "layer");
    TestImage orphan = TestImage.of("orphan", TestImage.id("nothing"), new byte[1]);

    refused(
        "Image depends on an unauthorized parent",
        () -> uploads.begin(new ImageId(child.id()), child.json(), stranger));
    refused(
        "Image depends on an unauthorized parent",
        () -> uploads.begin(new ImageId(orphan.id()), orphan.json(), stranger));
    his.add(id);

    assertThatNoException()
        .isThrownBy(() -> uploads.begin(new ImageId(child.id()), child.json(), stranger));
  }

  @Test
  void anImageWhoseLayerIsLostIsNotHisToReplace() {
    push(uploads, owner, image);
    storage.delete(ImageKeys.layer(id));

    assertThatExceptionOfType(RegistryException.class)
        .isThrownBy(() -> push(uploads, stranger, image))
        .withMessageStartingWith("The layer is lost");

    assertThat(storage.exists(ImageKeys.layer(id))).isFalse();
  }

  @Test
  void whoPushedAnImageIsToldThatItExists() {
    push(uploads, stranger, image);

    assertThat(his).containsExactly(id);
    refused("Image already exists", () -> uploads.begin(id, image.json(), stranger));
  }

  private static void push(ImageUploads uploads, Pusher pusher, TestImage image) {
    ImageId id = new ImageId(image.id());
    uploads.begin(id, image.json(), pusher);
    send(uploads, pusher, image);
    uploads.finish(id, new Checksum(image.checksum()), pusher);
  }

  private static void send(ImageUploads uploads, Pusher pusher, TestImage image) {
    uploads.receiveLayer(new ImageId(image.id()), new ByteArrayInputStream(image.layer()), pusher);
  }

  private static void refused(String text, Runnable push) {
    assertThatExceptionOfType(RegistryException.class).isThrownBy(push::run).withMessage(text);
  }

  private static byte[] compressed(byte[] content, int level) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip =
        new GZIPOutputStream(out) {
          {
            def.setLevel(level);
          }
        }) {
      gzip.write(content);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return out.toByteArray();
  }
}
