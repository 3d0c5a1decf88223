package io.registry.content.image;

import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.BlobWriter;
import io.registry.storage.LinkResult;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

/**
 * Publishes images whose layers are in the store already and were verified by the caller. They are
 * published atomically, by the same rules as pushed ones, and a complete image is never changed.
 */
public final class VerifiedImages {
  private final BlobStorage storage;
  private final JsonCodec codec;
  private final Staging staging;
  private final StagedSums sums;
  private final StagingLedger ledger;
  private final ImagePublication publication;
  private final ImageComparison comparison;
  private final PushRule rule;

  VerifiedImages(
      BlobStorage storage,
      JsonCodec codec,
      Staging staging,
      StagedSums sums,
      StagingLedger ledger,
      ImagePublication publication,
      ImageComparison comparison,
      PushRule rule) {
    this.storage = storage;
    this.codec = codec;
    this.staging = staging;
    this.sums = sums;
    this.ledger = ledger;
    this.publication = publication;
    this.comparison = comparison;
    this.rule = rule;
  }

  /**
   * An image without its layer.
   *
   * @param id the image
   * @param json its JSON, stored byte for byte
   * @param ancestry the image first, the base image last; all others are complete
   */
  @SuppressWarnings("ArrayRecordComponent")
  public record Description(ImageId id, byte[] json, List<ImageId> ancestry) {
    /** Copies the list. */
    public Description {
      ancestry = List.copyOf(ancestry);
    }
  }

  /** A layer that the store does not have yet in the form in which it is to be stored. */
  public interface LayerContent {
    /**
     * Opens the layer.
     *
     * @return its bytes; the caller closes them
     * @throws IOException when it cannot be read
     */
    InputStream open() throws IOException;

    /**
     * Is told that the whole layer was read, before the image becomes visible. When this throws,
     * nothing is published.
     *
     * @param checksum of the image with that layer
     */
    void read(Checksum checksum);
  }

  /**
   * Requires that a JSON can be that of an image.
   *
   * @throws RegistryException {@code INVALID} when it does not describe that image
   */
  public void requireValid(ImageId id, byte[] json) {
    ImageJson.parse(codec, id, json);
  }

  /** Whether an image is complete. */
  public boolean isComplete(ImageId id) {
    return ImageFiles.list(storage, id).isComplete();
  }

  /**
   * Counts the push of an image that is complete already, and whose layer the caller has compared.
   *
   * @param id the image
   * @param json the JSON of the pushed image
   * @param pusher the client
   * @throws OtherImageException when the image has another description
   */
  public void confirm(ImageId id, byte[] json, Pusher pusher) {
    PushRights rights = pusher.rights();
    if (!comparison.isSameDescription(id, json, rights.mayRead(id))) {
      throw PushRefusals.otherImage(rights);
    }
    rights.completed(id);
  }

  /**
   * Publishes an image whose layer is a blob of the store; the layer shares its bytes.
   *
   * @param image the image
   * @param layer the blob
   * @param checksum of the image with that layer
   * @param pusher the client
   * @return false when the image is complete already, and nothing was published: then the caller
   *     compares the layers, and calls {@link #confirm}
   * @throws OtherImageException when the id belongs to another image
   * @throws RegistryException {@code UNAVAILABLE} when the blob is gone; of any kind when a rule
   *     refuses the image
   */
  public boolean publish(Description image, BlobKey layer, Checksum checksum, Pusher pusher) {
    return publish(
        image,
        pusher,
        (folder, request) -> {
          StagedImage staged = prepare(image, folder, checksum);
          LinkResult result = storage.link(layer, ImageKeys.layerIn(folder));
          if (result == LinkResult.UNSUPPORTED) {
            throw new IllegalStateException("layers cannot share bytes in " + storage.describe());
          }
          if (result == LinkResult.ABSENT) {
            throw vanished();
          }
          return staged;
        });
  }

  /**
   * Publishes an image whose layer is written for it.
   *
   * @param image the image
   * @param layer the layer
   * @param pusher the client
   * @return as for the other method
   * @throws OtherImageException when the id belongs to another image
   * @throws RegistryException {@code TOO_MANY} when the client's share of the store is used up; of
   *     any kind when a rule refuses the image
   */
  public boolean publish(Description image, LayerContent layer, Pusher pusher) {
    return publish(
        image,
        pusher,
        (folder, request) -> {
          Map<String, LayerDigest> digest = Map.of("", new LayerDigest(image.json()));
          try (InputStream in = layer.open();
              BlobWriter writer = staging.createLayer(folder);
              ReservedStream reserved = new ReservedStream(writer, request, LayerWatch.NONE)) {
            Checksum checksum = Objects.requireNonNull(sums.copy(in, reserved, digest).get(""));
            layer.read(checksum);
            StagedImage staged = prepare(image, folder, checksum);
            writer.commit();
            reserved.keep();
            return staged;
          } catch (IOException e) {
            throw new IllegalStateException("The layer of " + image.id() + " cannot be read", e);
          }
        });
  }

  private StagedImage prepare(Description image, BlobKey folder, Checksum checksum) {
    StagedImage staged =
        new StagedImage(image.id(), folder, image.json(), image.ancestry(), List.of(checksum));
    publication.prepare(staged);
    return staged;
  }

  /** Writes all files of an image to a staged folder. */
  private interface Stage {
    StagedImage run(BlobKey folder, StagingLedger.Request request);
  }

  private boolean publish(Description image, Pusher pusher, Stage stage) {
    ImageId id = image.id();
    PushRights rights = pusher.rights();
    rule.check(id, image.json(), pusher);
    // Shared with no other request, so that each removes only what it has staged.
    Pusher alone = new Pusher(UUID.randomUUID().toString(), pusher.client(), rights);
    StagingPlace place = StagingPlace.of(id, alone);
    try (StagingLedger.Request request = ledger.enter(place)) {
      boolean claimed = false;
      try {
        request.reserve(image.json().length);
        StagedImage staged = stage.run(place.newLayerFolder(), request);
        comparison.requirePlace(staged, PushState.Stored.of(ImageFiles.list(storage, id)), rights);
        claimed = true;
        boolean published = publication.publish(id, staged.folder());
        claimed = false;
        if (published) {
          rights.completed(id);
        }
        return published;
      } catch (ImageComparison.VanishedException e) {
        claimed = false;
        throw vanished();
      } finally {
        // When the publication broke off, the next one or the sweep carries out the claim.
        if (!claimed) {
          staging.remove(place);
          request.forget();
        }
      }
    }
  }

  private static RegistryException vanished() {
    return new RegistryException(Problem.UNAVAILABLE, "A layer was removed meanwhile: push again");
  }
}
