package io.registry.image;

import io.registry.image.OpenPushes.Placed;
import io.registry.json.JsonCodec;
import io.registry.problem.Problem;
import io.registry.problem.RegistryException;
import io.registry.storage.Blob;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.BlobWriter;
import io.registry.storage.ByteRange;
import io.registry.storage.KeyLocks;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Takes images in: describe, layer, checksum (protocol 1.2).
 *
 * <p>Until the checksum was verified a mark lies beside the image and readers are refused. The
 * order of the writes makes sure that a checksum file, where there is one, always belongs to the
 * JSON and the layer beside it, whenever the process dies. A layer that arrives while another
 * client's layer waits for its checksum is kept aside, and put in place when it is the one that is
 * verified first.
 */
public final class ImageUploads {
  private static final int BUFFER = 64 * 1024;
  private static final byte[] MARK = "true".getBytes(StandardCharsets.US_ASCII);

  private final BlobStorage storage;
  private final JsonCodec codec;
  private final StoredChecksums checksums;
  private final Ancestries ancestries;
  private final ImageChanges changes;
  private final ImageEvents events;
  private final PushRule rule;
  private final KeyLocks locks = new KeyLocks();
  private final OpenPushes pushes = new OpenPushes();

  /**
   * The uploads of this process.
   *
   * @param storage where the images go
   * @param codec reads and writes JSON
   * @param changes is told when a finished image is replaced
   * @param events is told of every image that was finished
   * @param rule may refuse images
   */
  public ImageUploads(
      BlobStorage storage,
      JsonCodec codec,
      ImageChanges changes,
      ImageEvents events,
      PushRule rule) {
    this.storage = storage;
    this.codec = codec;
    this.checksums = new StoredChecksums(storage, codec);
    this.ancestries = new Ancestries(storage, codec);
    this.changes = changes;
    this.events = events;
    this.rule = rule;
  }

  /** Copies of images of another registry, which exclude uploads of the same images. */
  public ImageCopies copies() {
    return new ImageCopies(storage, codec, checksums, ancestries, locks);
  }

  /**
   * Begins or begins again to take in an image. A lone client that begins again has to send the
   * layer again too.
   *
   * @param id the image
   * @param json its description, kept byte for byte
   * @param pusher who sends it
   * @throws RegistryException {@code INVALID} when it does not describe that image or its ancestry
   *     is not possible, {@code CONFLICT} when the image is complete
   */
  public void begin(ImageId id, byte[] json, Pusher pusher) {
    ImageJson image = ImageJson.parse(codec, id, json);
    if (image.parent().filter(parent -> !pusher.rights().mayBuildOn(parent)).isPresent()) {
      throw new RegistryException(Problem.INVALID, "Image depends on an unauthorized parent");
    }
    List<ImageId> ancestry = ancestries.derive(image);
    askRule(id, json, pusher);
    try (OpenPushes.Request push = pushes.enter(id, pusher);
        KeyLocks.Held held = lock(id)) {
      if (isForeign(id, pusher)) {
        requireSame(json, json(id));
        push.begun(false);
        return;
      }
      Marked marked = mark(id);
      ImageFiles files = marked.files();
      boolean joins =
          !marked.anew()
              && isDescribedBy(files, id, json, ancestry)
              && !(files.hasChecksum() && push.hasBegunAlone());
      if (!joins) {
        deleteChecksum(files, id);
        storage.deleteAll(files.layerFiles());
        storage.write(ImageKeys.json(id), json);
        ancestries.write(id, ancestry);
        push.restarted();
      }
      push.begun(joins && files.hasLayer());
    }
  }

  // Without the lock, as it may take its time, and not about what is there already.
  private void askRule(ImageId id, byte[] json, Pusher pusher) {
    if (rule == PushRule.NONE) {
      return;
    }
    if (files(id).isComplete() && pusher.rights().mayRead(id)) {
      throw exists();
    }
    rule.check(id, json, pusher);
  }

  // Another process may begin the image at the same time, and even finish it in between: whoever
  // makes the mark looks again, and takes it back when there is nothing left to do.
  private Marked mark(ImageId id) {
    ImageFiles files = files(id);
    while (!files.hasMark()) {
      if (files.isComplete()) {
        throw exists();
      }
      // Files without a mark were an image that was finished, and may be remembered as such.
      if (!files.isEmpty()) {
        changes.beforeReplacing(id);
      }
      boolean made = storage.writeIfAbsent(ImageKeys.mark(id), MARK);
      files = files(id);
      if (made && files.hasContent()) {
        storage.delete(ImageKeys.mark(id));
        throw exists();
      }
      if (made) {
        return new Marked(files, true);
      }
    }
    return new Marked(files, false);
  }

  /**
   * An image that has its mark.
   *
   * @param files what it has
   * @param anew whether the mark was made just now, by this very request
   */
  private record Marked(ImageFiles files, boolean anew) {}

  /**
   * Takes in the layer of an image.
   *
   * @param id the image
   * @param body the layer; not closed. When it throws, the layer is not kept
   * @param pusher who sends it
   * @throws RegistryException {@code NOT_FOUND} when the image was not begun, {@code CONFLICT} when
   *     it is complete, both before the first byte is read; {@code INVALID} when the body breaks
   *     off
   */
  public void receiveLayer(ImageId id, InputStream body, Pusher pusher) {
    try (OpenPushes.Request push = pushes.enter(id, pusher)) {
      long revision = push.revision();
      byte[] json = json(id);
      if (isForeign(id, pusher)) {
        push.received(compareLayer(id, json, body));
        pusher.rights().received(id);
        return;
      }
      boolean occupied = false;
      if (!push.hasBegunAlone()) {
        ImageFiles files = files(id);
        if (files.isComplete() && !push.mayFinishToo()) {
          throw exists();
        }
        if (!files.hasMark() && !files.hasLayer()) {
          restoreLayer(id, json, body);
          push.changed();
          return;
        }
        occupied = files.hasLayer();
      }
      BlobKey key =
          push.claimPlace(occupied)
              ? ImageKeys.layer(id)
              : ImageKeys.aside(id, UUID.randomUUID().toString());
      try (BlobWriter writer = writer(key, push)) {
        Checksum checksum = copy(json, body, writer);
        try (KeyLocks.Held held = lock(id)) {
          if (push.revision() != revision && !Arrays.equals(json, json(id))) {
            throw new RegistryException(
                Problem.CONFLICT, "The image JSON was replaced while the layer was uploaded");
          }
          keepLayer(id, key, writer, new Placed(checksum, sha256(json)), push);
        }
        pusher.rights().sent(id, checksum);
      }
    }
  }

  // In its place a layer replaces nothing but what this process has put there before: another one
  // may be about to finish the image with what it has put there.
  private BlobWriter writer(BlobKey key, OpenPushes.Request push) {
    return push.hasPlacedAny() ? storage.create(key) : storage.createIfAbsent(key);
  }

  /**
   * Finishes an image, if what was received is what the client meant to send.
   *
   * @param id the image
   * @param announced the checksum that the client computed
   * @param pusher who sends it
   * @throws RegistryException {@code NOT_FOUND} when the image was not begun, {@code CONFLICT} when
   *     it is complete, {@code INVALID} when there is no layer yet or the checksums differ
   */
  public void finish(ImageId id, Checksum announced, Pusher pusher) {
    try (OpenPushes.Request push = pushes.enter(id, pusher);
        KeyLocks.Held held = lock(id)) {
      byte[] json = json(id);
      ImageFiles files = files(id);
      if (!files.hasMark()) {
        finishToo(id, announced, push, pusher.rights());
        return;
      }
      if (!hasShown(files, id, announced, push, pusher.rights())) {
        throw refusal(files);
      }
      if (!isVerified(files, id, json, announced, push)) {
        BlobKey aside = findAside(files, announced).orElseThrow(() -> refusal(files));
        putInPlace(files, id, aside, announced);
      }
      // Another process may have listed the layer before while this one was pushed.
      storage.deleteAll(files.contentFiles());
      storage.delete(ImageKeys.mark(id));
      push.changed();
      storage.deleteAll(files.asideFiles());
      push.finished();
      pusher.rights().received(id);
    }
    events.tell(new ImagePushed(id));
  }

  // Who knows the checksum of what somebody else has sent has not shown to have it.
  private boolean hasShown(
      ImageFiles files,
      ImageId id,
      Checksum announced,
      OpenPushes.Request push,
      PushRights rights) {
    if (rights.isOpen() || rights.mayRead(id)) {
      return true;
    }
    List<Checksum> layers =
        announced.isSimple() || !files.hasChecksum()
            ? List.of(announced)
            : checksums.read(ImageKeys.checksum(id));
    return layers.stream().anyMatch(layer -> push.hasSent(layer) || rights.hasSent(id, layer));
  }

  private void finishToo(
      ImageId id, Checksum announced, OpenPushes.Request push, PushRights rights) {
    boolean open = rights.isOpen();
    boolean sent = open ? push.hasReceived(announced) : push.hasSent(announced);
    // Another process may have been sent the layer by somebody who had to prove to have it.
    boolean mayFinish = open ? push.mayFinishToo() : rights.mayRead(id);
    if (!sent && !mayFinish) {
      throw new RegistryException(Problem.CONFLICT, "Cannot set this image checksum");
    }
    // Who sent one layer while another one was taken has not shown to have that one.
    boolean taken = sent && (open || mayFinish);
    if (!taken && !checksums.read(ImageKeys.checksum(id)).contains(announced)) {
      throw mismatch();
    }
    push.finished();
    rights.received(id);
  }

  // Whether the image was finished by others, and whoever pushes may not know of it.
  private boolean isForeign(ImageId id, Pusher pusher) {
    if (pusher.rights().mayRead(id)) {
      return false;
    }
    ImageFiles files = files(id);
    return !files.hasMark() && files.hasJson();
  }

  private static void requireSame(byte[] sent, byte[] stored) {
    if (!Arrays.equals(sent, stored)) {
      throw new RegistryException(Problem.CONFLICT, "Another image has this id");
    }
  }

  // Nothing is kept: whoever has the bytes of a layer may know that it is there.
  private Checksum compareLayer(ImageId id, byte[] json, InputStream body) {
    MessageDigest digest = begunDigest(json);
    try (Blob layer =
        storage
            .open(ImageKeys.layer(id), ByteRange.ALL)
            .orElseThrow(
                () ->
                    new RegistryException(
                        Problem.CONFLICT,
                        "The layer is lost: it has to be pushed by who may read the image"))) {
      if (!LayerComparison.isSame(new DigestInputStream(body, digest), layer.body())) {
        throw new RegistryException(Problem.CONFLICT, "Another image has this id");
      }
    } catch (IOException e) {
      throw brokeOff(e);
    }
    return Checksum.simple(digest);
  }

  // Under the lock: what was there when the upload began may have changed while it lasted.
  private void keepLayer(
      ImageId id, BlobKey key, BlobWriter writer, Placed layer, OpenPushes.Request push) {
    push.received(layer.checksum());
    ImageFiles files = files(id);
    boolean waiting =
        push.hasPlaced(layer)
            && files.hasChecksum()
            && files.hasLayer()
            && checksums.read(ImageKeys.checksum(id)).contains(layer.checksum());
    if (waiting || files.isComplete()) {
      return;
    }
    if (!files.hasMark()) {
      throw new RegistryException(
          Problem.CONFLICT, "The image was removed while its layer was uploaded");
    }
    if (key.equals(ImageKeys.layer(id))) {
      deleteChecksum(files, id);
      if (!writer.commit()) {
        throw new RegistryException(
            Problem.CONFLICT,
            "Another registry took in a layer of this image at the same time: push it again");
      }
      checksums.write(ImageKeys.checksum(id), List.of(layer.checksum()));
      push.placed(layer);
    } else if (findAside(files, layer.checksum()).isEmpty() && writer.commit()) {
      checksums.write(ImageKeys.asideChecksum(key), List.of(layer.checksum()));
    }
    push.changed();
  }

  // A complete image whose layer was lost takes exactly that layer back, and nothing else.
  private void restoreLayer(ImageId id, byte[] json, InputStream body) {
    if (checksums.read(ImageKeys.checksum(id)).stream().noneMatch(Checksum::isSimple)) {
      throw new RegistryException(
          Problem.CONFLICT,
          "The layer is lost and has no checksum to verify a new one: send the image JSON first");
    }
    try (BlobWriter writer = storage.createIfAbsent(ImageKeys.layer(id))) {
      Checksum checksum = copy(json, body, writer);
      try (KeyLocks.Held held = lock(id)) {
        ImageFiles files = files(id);
        if (files.hasMark() || files.hasLayer()) {
          throw pushedAnew();
        }
        if (!checksums.read(ImageKeys.checksum(id)).contains(checksum)) {
          throw mismatch();
        }
        if (!writer.commit()) {
          throw pushedAnew();
        }
      }
    }
  }

  private static RegistryException pushedAnew() {
    return new RegistryException(
        Problem.CONFLICT, "The image was pushed anew while its lost layer was uploaded");
  }

  private boolean isVerified(
      ImageFiles files, ImageId id, byte[] json, Checksum announced, OpenPushes.Request push) {
    // Without a checksum file the layer, if any, may be half of what was meant.
    if (!files.hasChecksum() || !files.hasLayer()) {
      return false;
    }
    List<Checksum> known = checksums.read(ImageKeys.checksum(id));
    if (announced.isTarSum()) {
      return isTarSumVerified(id, json, announced, known);
    }
    // Registries of the 0.5 line wrote what the client claimed, so a checksum file is believed only
    // when this process has computed what it says (protocol 3.4).
    return known.contains(announced)
        && (push.hasPlaced(new Placed(announced, sha256(json)))
            || announced.equals(checksumOfLayer(id, json)));
  }

  private boolean isTarSumVerified(
      ImageId id, byte[] json, Checksum announced, List<Checksum> known) {
    try (Blob layer = openLayer(id)) {
      if (!TarSum.of(json, layer.body()).matches(announced)) {
        return false;
      }
    } catch (IOException e) {
      throw new RegistryException(
          Problem.INVALID, "The layer is not a tar that a tarsum can be computed of", e);
    }
    checksums.write(
        ImageKeys.checksum(id),
        Stream.concat(known.stream().filter(Checksum::isSimple), Stream.of(announced)).toList());
    return true;
  }

  private Checksum checksumOfLayer(ImageId id, byte[] json) {
    try (Blob layer = openLayer(id)) {
      return copy(json, layer.body(), OutputStream.nullOutputStream());
    }
  }

  private Blob openLayer(ImageId id) {
    return storage
        .open(ImageKeys.layer(id), ByteRange.ALL)
        .orElseThrow(() -> new IllegalStateException("The layer of " + id + " has vanished"));
  }

  private Optional<BlobKey> findAside(ImageFiles files, Checksum checksum) {
    return files.asideLayers().stream()
        .filter(aside -> checksums.read(ImageKeys.asideChecksum(aside)).contains(checksum))
        .findFirst();
  }

  private void putInPlace(ImageFiles files, ImageId id, BlobKey aside, Checksum checksum) {
    deleteChecksum(files, id);
    try (Blob blob =
            storage
                .open(aside, ByteRange.ALL)
                .orElseThrow(() -> new IllegalStateException(aside + " has vanished"));
        BlobWriter writer = storage.create(ImageKeys.layer(id))) {
      // Copied, because a store may have no way to rename; only needed when layers differ.
      transfer(blob.body(), writer, Optional.empty());
      boolean unused = writer.commit();
    } catch (IOException e) {
      throw new IllegalStateException("Could not read " + aside, e);
    }
    checksums.write(ImageKeys.checksum(id), List.of(checksum));
  }

  private static Checksum copy(byte[] json, InputStream body, OutputStream writer) {
    MessageDigest digest = begunDigest(json);
    try {
      transfer(body, writer, Optional.of(digest));
    } catch (IOException e) {
      throw brokeOff(e);
    }
    return Checksum.simple(digest);
  }

  private static MessageDigest begunDigest(byte[] json) {
    MessageDigest digest = Checksum.sha256();
    digest.update(json);
    digest.update((byte) '\n');
    return digest;
  }

  private static RegistryException brokeOff(IOException cause) {
    return new RegistryException(
        Problem.INVALID, "The layer broke off before its end and was not kept", cause);
  }

  private static void transfer(InputStream in, OutputStream out, Optional<MessageDigest> digest)
      throws IOException {
    byte[] buffer = new byte[BUFFER];
    int count;
    while ((count = in.readNBytes(buffer, 0, BUFFER)) > 0) {
      if (digest.isPresent()) {
        digest.get().update(buffer, 0, count);
      }
      out.write(buffer, 0, count);
    }
  }

  private ImageFiles files(ImageId id) {
    return ImageFiles.list(storage, id);
  }

  // An ancestry may be there that belongs to the JSON before, when the process died in between.
  private boolean isDescribedBy(ImageFiles files, ImageId id, byte[] json, List<ImageId> ancestry) {
    return files.hasJson()
        && files.hasAncestry()
        && ancestries.read(id).filter(found -> found.ids().equals(ancestry)).isPresent()
        && storage
            .read(ImageKeys.json(id), ImageKeys.SMALL)
            .filter(found -> Arrays.equals(found, json))
            .isPresent();
  }

  private byte[] json(ImageId id) {
    return storage
        .read(ImageKeys.json(id), ImageKeys.SMALL)
        .orElseThrow(() -> new RegistryException(Problem.NOT_FOUND, "Image not found"));
  }

  private void deleteChecksum(ImageFiles files, ImageId id) {
    if (files.hasChecksum()) {
      storage.delete(ImageKeys.checksum(id));
    }
  }

  private KeyLocks.Held lock(ImageId id) {
    return locks.lock(ImageKeys.folder(id));
  }

  private static RegistryException refusal(ImageFiles files) {
    return files.hasChecksum() && files.hasLayer()
        ? mismatch()
        : new RegistryException(
            Problem.INVALID, "The layer has not been uploaded yet: send it before its checksum");
  }

  private static RegistryException mismatch() {
    return new RegistryException(Problem.INVALID, "Checksum mismatch");
  }

  private static RegistryException exists() {
    return new RegistryException(Problem.CONFLICT, "Image already exists");
  }

  private static String sha256(byte[] bytes) {
    return HexFormat.of().formatHex(Checksum.sha256().digest(bytes));
  }
}
