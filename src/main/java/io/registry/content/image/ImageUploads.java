package io.registry.content.image;

import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.storage.Blob;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.BlobWriter;
import io.registry.storage.ByteRange;
import io.registry.storage.KeyLocks;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Receives images: JSON, layer, checksum (protocol 1.2). What a client sends is staged separately
 * from the uploads of other clients. It is published atomically when the checksum matches a JSON
 * and a layer that this client has sent.
 */
public final class ImageUploads {
  /**
   * The largest number of attempts; each fails because another request has published the layer that
   * it found.
   */
  private static final int ATTEMPTS = 100;

  private final BlobStorage storage;
  private final JsonCodec codec;
  private final StoredChecksums checksums;
  private final Ancestries ancestries;
  private final PushRule rule;
  private final Staging staging;
  private final StagedSums sums;
  private final StagingLedger ledger;
  private final ImagePublication publication;
  private final ImageComparison comparison;
  private final StoredUploads storedUploads;
  private final LayerRestoration restoration;
  private final ImageCopies copies;
  private final VerifiedImages verified;
  private final UploadProperties limits;
  private final Clock clock;
  private final ImageEvents events;
  private final KeyLocks locks = new KeyLocks();

  /**
   * Creates the service.
   *
   * @param storage the store
   * @param codec reads and writes JSON
   * @param changes is notified before a complete image is replaced
   * @param events is notified of every completed image
   * @param rule may refuse images
   * @param limits how much incomplete uploads may take
   * @param clock measures how long an upload is inactive
   */
  public ImageUploads(
      BlobStorage storage,
      JsonCodec codec,
      ImageChanges changes,
      ImageEvents events,
      PushRule rule,
      UploadProperties limits,
      Clock clock) {
    this.storage = storage;
    this.codec = codec;
    this.rule = rule;
    this.limits = limits;
    this.clock = clock;
    this.events = events;
    this.checksums = new StoredChecksums(storage, codec);
    this.ancestries = new Ancestries(storage, codec);
    this.staging = new Staging(storage);
    this.sums = new StagedSums(storage);
    this.ledger = new StagingLedger(limits, clock, staging::remove);
    this.publication =
        new ImagePublication(storage, staging, ancestries, checksums, changes, events);
    this.comparison = new ImageComparison(storage, codec, checksums);
    this.storedUploads = new StoredUploads(storage, checksums, sums, publication);
    this.restoration = new LayerRestoration(storage, checksums, sums);
    this.copies =
        new ImageCopies(
            storage, codec, checksums, ancestries, staging, publication, comparison, rule);
    this.verified =
        new VerifiedImages(storage, codec, staging, sums, ledger, publication, comparison, rule);
  }

  /** Creates the service with the default limits. */
  public ImageUploads(
      BlobStorage storage,
      JsonCodec codec,
      ImageChanges changes,
      ImageEvents events,
      PushRule rule) {
    this(storage, codec, changes, events, rule, UploadProperties.DEFAULTS, Clock.systemUTC());
  }

  /** Copies of images of another registry, which are published like uploads. */
  public ImageCopies copies() {
    return copies;
  }

  /** Images that are verified before they are published, by the rules of uploads. */
  public VerifiedImages verified() {
    return verified;
  }

  /** The removal of abandoned uploads. */
  public StagingSweep sweep() {
    return new StagingSweep(storage, staging, ledger, publication, limits, clock);
  }

  /**
   * Starts the upload of an image, or starts it again.
   *
   * @param id the image
   * @param json its JSON, stored byte for byte
   * @param pusher the client
   * @throws RegistryException {@code INVALID} when it does not describe that image or its ancestry
   *     is not possible, {@code CONFLICT} when the image is complete and the client may read it,
   *     {@code TOO_MANY} when the client has too many incomplete uploads
   */
  public void begin(ImageId id, byte[] json, Pusher pusher) {
    ImageJson image = ImageJson.parse(codec, id, json);
    requireParent(image, pusher);
    if (state(id, PushState.Staged.NOTHING, pusher).decide(PushState.Request.JSON)
        == PushState.Decision.REFUSE_EXISTING) {
      throw PushRefusals.exists();
    }
    rule.check(id, json, pusher);
    StagingPlace place = StagingPlace.of(id, pusher);
    try (StagingLedger.Request request = ledger.enter(place)) {
      stage(place, request, json, pusher.rights().isOpen());
    }
  }

  // Without accounts, a client that is certainly the only one starts from scratch after a wrong
  // checksum, and has to send the layer again too, like in the original. With accounts that is
  // never certain, because requests do not identify their push.
  private void stage(StagingPlace place, StagingLedger.Request request, byte[] json, boolean open) {
    try (KeyLocks.Held held = locks.lock(place.folder())) {
      noteOthers(place, request);
      if (open
          && request.hasFailed()
          && request.isAlone()
          && !staging.descriptions(place).isShared()) {
        removeAll(place, request);
      }
      staging.requireRoomFor(place, json);
      request.reserve(json.length);
      staging.add(place, json);
    }
  }

  // Overlapping requests prove that several clients share this identity.
  private void noteOthers(StagingPlace place, StagingLedger.Request request) {
    if (!request.isAlone()) {
      staging.share(place);
    }
  }

  private void requireParent(ImageJson image, Pusher pusher) {
    Optional<ImageId> parent = image.parent();
    if (parent.filter(id -> !pusher.rights().mayBuildOn(id)).isPresent()) {
      throw new RegistryException(Problem.INVALID, "Image depends on an unauthorized parent");
    }
    if (parent.filter(id -> isComing(id, image.id(), pusher)).isEmpty()) {
      ancestry(image);
    }
  }

  // A mirror may have the parent's description, and not its layer yet.
  private List<ImageId> ancestry(ImageJson image) {
    return image
        .parent()
        .filter(id -> !storage.exists(ImageKeys.json(id)))
        .flatMap(copies::find)
        .map(parent -> Ancestries.extend(image, parent.ancestry()))
        .orElseGet(() -> ancestries.derive(image));
  }

  // Whether the client has sent the JSON of the parent and not completed it yet.
  private boolean isComing(ImageId parent, ImageId child, Pusher pusher) {
    Optional<ImageId> next = Optional.of(parent);
    for (int length = 1; next.isPresent() && length < Ancestries.MAX_LENGTH; length++) {
      StagingPlace place = StagingPlace.of(next.get(), pusher);
      if (storage.exists(ImageKeys.json(next.get()))) {
        return length > 1;
      }
      Map<String, byte[]> described = staging.jsons(staging.descriptions(place));
      if (described.isEmpty()) {
        return false;
      }
      if (next.get().equals(child)) {
        throw new RegistryException(Problem.INVALID, "Image depends on itself");
      }
      next = ImageJson.parent(codec, described.values().iterator().next());
    }
    return next.isEmpty();
  }

  /**
   * Receives the layer of an image.
   *
   * @param id the image
   * @param body the layer; not closed. When it throws, the layer is not stored
   * @param pusher the client
   * @throws RegistryException {@code NOT_FOUND} when the client has not sent the JSON, {@code
   *     CONFLICT} when the image is complete, both before the first byte is read; {@code INVALID}
   *     when the body breaks off; {@code TOO_MANY} when the client's share of the store is used up
   */
  public void receiveLayer(ImageId id, InputStream body, Pusher pusher) {
    StagingPlace place = StagingPlace.of(id, pusher);
    try (StagingLedger.Request request = ledger.enter(place)) {
      Staging.Descriptions described = describe(place, request);
      switch (state(id, staged(described, false), pusher).decide(PushState.Request.LAYER)) {
        case STAGE -> stageLayer(place, request, described, body);
        case STAGE_WITH_STORED_DESCRIPTION -> {
          stage(place, request, storedUploads.json(id), true);
          stageLayer(place, request, describe(place, request), body);
        }
        case RESTORE -> restoration.restore(id, body);
        case REFUSE_EXISTING -> throw PushRefusals.exists();
        default -> throw PushRefusals.unknown();
      }
    }
  }

  private void stageLayer(
      StagingPlace place,
      StagingLedger.Request request,
      Staging.Descriptions described,
      InputStream body) {
    staging.requireRoomForLayer(place);
    BlobKey folder = place.newLayerFolder();
    // The JSON may be large, and must not stay in memory while the layer arrives.
    Map<String, LayerDigest> digests = new LinkedHashMap<>();
    staging.jsons(described).forEach((key, json) -> digests.put(key, new LayerDigest(json)));
    try (BlobWriter writer = staging.createLayer(folder);
        LayerWatch watch = events.watch(place.image());
        ReservedStream reserved = new ReservedStream(writer, request, watch)) {
      Map<String, Checksum> computed = sums.copy(body, reserved, digests);
      prepare(place.image(), folder, described, computed);
      writer.commit();
      reserved.keep();
      watch.arrived(computed.values());
      sums.remember(folder, computed);
    } catch (IOException e) {
      throw PushRefusals.brokeOff(e);
    }
  }

  private Staging.Descriptions describe(StagingPlace place, StagingLedger.Request request) {
    try (KeyLocks.Held held = locks.lock(place.folder())) {
      Staging.Descriptions described = staging.descriptions(place);
      if (!described.isEmpty()) {
        noteOthers(place, request);
      }
      return described;
    }
  }

  // A client usually sends one JSON, so the layer's folder can be prepared for publication.
  private void prepare(
      ImageId id, BlobKey folder, Staging.Descriptions described, Map<String, Checksum> computed) {
    if (described.variants().size() != 1) {
      return;
    }
    for (byte[] json : staging.jsons(described).values()) {
      ImageJson image = ImageJson.parse(codec, id, json);
      if (image.parent().map(ImageKeys::json).map(storage::exists).orElse(true)) {
        publication.prepare(
            new StagedImage(
                id, folder, json, ancestries.derive(image), List.copyOf(computed.values())));
      }
    }
  }

  /**
   * Completes an image, if the checksum matches a JSON and a layer that the client has sent.
   *
   * @param id the image
   * @param announced the checksum that the client computed
   * @param pusher the client
   * @throws RegistryException {@code NOT_FOUND} when the client has not sent the JSON, {@code
   *     CONFLICT} when another image with this id is complete, {@code INVALID} when there is no
   *     layer yet or the checksum differs
   */
  public void finish(ImageId id, Checksum announced, Pusher pusher) {
    StagingPlace place = StagingPlace.of(id, pusher);
    try (StagingLedger.Request request = ledger.enter(place)) {
      Staging.Descriptions described = describe(place, request);
      List<BlobKey> layers = described.isEmpty() ? List.of() : staging.layerFolders(place);
      PushState state = state(id, staged(described, !layers.isEmpty()), pusher);
      switch (state.decide(PushState.Request.CHECKSUM)) {
        case COMPLETE -> {
          boolean open = pusher.rights().isOpen();
          try {
            Map<String, byte[]> jsons = staging.jsons(described);
            BlobKey used = complete(place, announced, jsons, layers, pusher.rights());
            remove(place, request, open, Optional.of(used));
          } catch (RegistryException e) {
            if (e.problem() == Problem.CONFLICT) {
              remove(place, request, open, Optional.empty());
            } else {
              request.failed();
            }
            throw e;
          }
        }
        case CONFIRM -> {
          confirm(id, announced, staging.jsons(described).values());
          remove(place, request, pusher.rights().isOpen(), Optional.empty());
        }
        case FINISH_STORED -> storedUploads.finish(id, announced, pusher.rights());
        case REFUSE_CHECKSUM -> throw PushRefusals.checksumOfExisting();
        case REFUSE_WITHOUT_LAYER -> throw PushRefusals.withoutLayer();
        default -> throw PushRefusals.unknown();
      }
    }
  }

  private void confirm(ImageId id, Checksum announced, Iterable<byte[]> jsons) {
    BlobKey stored = ImageKeys.folder(id);
    for (byte[] json : jsons) {
      Checksum sum = sums.compute(id, json);
      boolean matches = sum.equals(announced) || matchesTarSum(json, stored, announced);
      if (matches
          && comparison.isSame(new StagedImage(id, stored, json, List.of(), List.of(sum)), true)) {
        return;
      }
    }
    throw PushRefusals.withoutLayer();
  }

  private boolean matchesTarSum(byte[] json, BlobKey folder, Checksum announced) {
    try {
      return announced.isTarSum() && hasTarSum(json, folder, announced);
    } catch (IOException e) {
      throw PushRefusals.noTar(e);
    }
  }

  private static PushState.Staged staged(Staging.Descriptions described, boolean layers) {
    if (described.isEmpty()) {
      return PushState.Staged.NOTHING;
    }
    return layers ? PushState.Staged.LAYER : PushState.Staged.DESCRIPTION;
  }

  // Returns the folder of the layer that has completed the image.
  private BlobKey complete(
      StagingPlace place,
      Checksum announced,
      Map<String, byte[]> jsons,
      List<BlobKey> found,
      PushRights rights) {
    List<BlobKey> layers = found;
    for (int attempt = 1; ; attempt++) {
      StagedImage match = match(place, announced, jsons, layers);
      try {
        complete(place, match, rights);
        return match.folder();
      } catch (ImageComparison.VanishedException e) {
        // Clients with the same identity may publish each other's layers; each of them has sent
        // one.
        if (attempt == ATTEMPTS) {
          throw new RegistryException(
              Problem.CONFLICT, "Other requests of this client have used the layer", e);
        }
        layers = staging.layerFolders(place);
      }
    }
  }

  private StagedImage match(
      StagingPlace place, Checksum announced, Map<String, byte[]> jsons, List<BlobKey> found) {
    ImageId id = place.image();
    RegistryException refusal = PushRefusals.mismatch();
    List<BlobKey> layers = new ArrayList<>(found);
    Collections.shuffle(layers);
    for (BlobKey folder : layers) {
      for (Map.Entry<String, Checksum> sum : sums.of(folder, jsons).entrySet()) {
        byte[] json = jsons.get(sum.getKey());
        if (json == null) {
          continue;
        }
        List<Checksum> verified = new ArrayList<>(List.of(sum.getValue()));
        try {
          if (announced.isTarSum() && hasTarSum(json, folder, announced)) {
            verified.add(announced);
          }
        } catch (IOException e) {
          // Another layer of the client may match.
          refusal = PushRefusals.noTar(e);
        }
        if (verified.contains(announced)) {
          List<ImageId> ancestry = ancestry(ImageJson.parse(codec, id, json));
          return new StagedImage(id, folder, json, ancestry, verified);
        }
      }
    }
    throw refusal;
  }

  private boolean hasTarSum(byte[] json, BlobKey folder, Checksum announced) throws IOException {
    try (Blob layer = open(folder)) {
      return TarSum.of(json, layer.body()).matches(announced);
    }
  }

  private Blob open(BlobKey folder) {
    return storage
        .open(ImageKeys.layerIn(folder), ByteRange.ALL)
        .orElseThrow(() -> new ImageComparison.VanishedException(ImageKeys.layerIn(folder)));
  }

  private void complete(StagingPlace place, StagedImage image, PushRights rights) {
    ImageId id = image.id();
    ImageFiles files = ImageFiles.list(storage, id);
    PushState.Stored stored = PushState.Stored.of(files);
    boolean published = false;
    if (stored != PushState.Stored.COMPLETE) {
      if (!rights.isOpen()) {
        requireTrueId(image);
        comparison.requirePlace(image, stored, rights);
      }
      published = publication.publish(id, prepared(place, image).folder());
    }
    if (!published && !comparison.isSame(image, rights.mayRead(id))) {
      throw PushRefusals.otherImage(rights);
    }
    if (stored == PushState.Stored.COMPLETE) {
      // A process that died after it had published the image has left its claim.
      staging.discard(files.claims());
    }
    sums.forget(image.folder());
    rights.completed(id);
  }

  // If the layer was prepared with another JSON, its folder must not change, because another
  // request may be publishing it.
  private StagedImage prepared(StagingPlace place, StagedImage image) {
    if (publication.isPrepared(image)) {
      return image;
    }
    StagedImage copy =
        new StagedImage(
            image.id(), place.newLayerFolder(), image.json(), image.ancestry(), image.checksums());
    publication.prepare(copy);
    BlobKey layer = ImageKeys.layerIn(image.folder());
    if (!storage.copy(layer, ImageKeys.layerIn(copy.folder()))) {
      staging.removeLayer(copy.folder());
      throw new ImageComparison.VanishedException(layer);
    }
    return copy;
  }

  private void requireTrueId(StagedImage image) {
    if (!ChainIds.isClaimed(image.json())) {
      return;
    }
    try (Blob layer = open(image.folder())) {
      if (!ChainIds.isTrue(image.json(), layer)) {
        throw new RegistryException(Problem.INVALID, "The id is not that of the image's layers");
      }
    } catch (IOException e) {
      throw new RegistryException(Problem.INVALID, "The layer cannot be unpacked", e);
    }
  }

  // Where several clients may have sent the JSON, each may still complete its own upload.
  private void remove(
      StagingPlace place, StagingLedger.Request request, boolean open, Optional<BlobKey> used) {
    try (KeyLocks.Held held = locks.lock(place.folder())) {
      Staging.Descriptions described = staging.descriptions(place);
      boolean others = !open || described.isShared() || !request.isAlone();
      if (others && described.accepted().size() > 1) {
        staging.remove(described.accepted().get(0));
        used.ifPresent(staging::removeLayer);
      } else {
        removeAll(place, request);
      }
    }
  }

  private void removeAll(StagingPlace place, StagingLedger.Request request) {
    staging.remove(place);
    request.forget();
  }

  private PushState state(ImageId id, PushState.Staged staged, Pusher pusher) {
    return new PushState(
        staged,
        () -> PushState.Stored.of(ImageFiles.list(storage, id)),
        () -> standing(id, pusher.rights()));
  }

  private static PushState.Standing standing(ImageId id, PushRights rights) {
    if (rights.isOpen()) {
      return PushState.Standing.OPEN;
    }
    return rights.mayRead(id) ? PushState.Standing.READER : PushState.Standing.STRANGER;
  }
}
