package io.registry.content.image;

import io.registry.platform.json.JsonCodec;
import io.registry.storage.Blob;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.ByteRange;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Compares an image that a client has sent with the stored image of the same id. Equal bytes cannot
 * be required: when a daemon pulls an image, it rewrites the JSON with the fields that its version
 * knows, and when it pushes one, it compresses the layer again.
 */
final class ImageComparison {
  private final BlobStorage storage;
  private final JsonCodec codec;
  private final StoredChecksums checksums;

  ImageComparison(BlobStorage storage, JsonCodec codec, StoredChecksums checksums) {
    this.storage = storage;
    this.codec = codec;
    this.checksums = checksums;
  }

  /**
   * Compares a staged image with the stored one.
   *
   * @param image the staged image
   * @param mayRead whether the client may read the stored image; if not, the client's JSON must
   *     contain every value of the stored one
   * @return whether they are the same image
   * @throws VanishedException when another request has published the staged layer meanwhile
   */
  boolean isSame(StagedImage image, boolean mayRead) {
    Optional<byte[]> json = storage.read(ImageKeys.json(image.id()), ImageKeys.SMALL);
    if (json.isEmpty()) {
      return false;
    }
    boolean equal = Arrays.equals(json.get(), image.json());
    // The stored checksum may be a claim of a client that a registry before 0.7 never verified.
    if (equal && mayRead && hasSum(image)) {
      return true;
    }
    return (equal || isSameDescription(image.json(), json.get(), mayRead)) && isSameLayer(image);
  }

  /**
   * Compares descriptions alone.
   *
   * @param json what a client has sent
   * @param mayRead as for {@link #isSame}
   * @return whether the stored image of that id has the same description
   */
  boolean isSameDescription(ImageId id, byte[] json, boolean mayRead) {
    return storage
        .read(ImageKeys.json(id), ImageKeys.SMALL)
        .filter(stored -> Arrays.equals(stored, json) || isSameDescription(json, stored, mayRead))
        .isPresent();
  }

  // Whether a staged image is exactly the stored one, whose layer is lost.
  private boolean isWhatWasLost(StagedImage image) {
    return hasSum(image)
        && storage
            .read(ImageKeys.json(image.id()), ImageKeys.SMALL)
            .filter(json -> Arrays.equals(json, image.json()))
            .isPresent();
  }

  /**
   * Requires that a client may give an image that is not complete a layer. With accounts, an image
   * that has lost its layer accepts exactly that layer and no other, because other clients may
   * depend on the image.
   *
   * @throws OtherImageException when it may not
   */
  void requirePlace(StagedImage image, PushState.Stored stored, PushRights rights) {
    if (rights.isOpen() || stored != PushState.Stored.WITHOUT_LAYER) {
      return;
    }
    if (!rights.mayRead(image.id())) {
      throw new OtherImageException(
          "The layer is lost: a client that may read the image has to push it");
    }
    if (!isWhatWasLost(image)) {
      throw PushRefusals.otherImage(rights);
    }
  }

  private boolean hasSum(StagedImage image) {
    List<Checksum> stored = checksums.read(ImageKeys.checksum(image.id()));
    return image.checksums().stream().filter(Checksum::isSimple).anyMatch(stored::contains);
  }

  private boolean isSameLayer(StagedImage image) {
    BlobKey sent = ImageKeys.layerIn(image.folder());
    BlobKey stored = ImageKeys.layer(image.id());
    return compare(sent, stored, LayerComparison::isEqual)
        || compare(sent, stored, LayerComparison::isEqualUnpacked);
  }

  private interface Comparison {
    boolean run(InputStream sent, InputStream stored) throws IOException;
  }

  private boolean compare(BlobKey sent, BlobKey stored, Comparison comparison) {
    try (Blob one = open(sent);
        Blob other = open(stored)) {
      return comparison.run(one.body(), other.body());
    } catch (IOException e) {
      throw new IllegalStateException("Could not compare " + sent + " with " + stored, e);
    }
  }

  private Blob open(BlobKey layer) {
    return storage.open(layer, ByteRange.ALL).orElseThrow(() -> new VanishedException(layer));
  }

  /** A layer disappeared during the comparison. */
  static final class VanishedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    VanishedException(BlobKey layer) {
      super(layer + " has vanished");
    }
  }

  private boolean isSameDescription(byte[] sent, byte[] stored, boolean mayRead) {
    Optional<JsonNode> one = codec.parse(sent);
    Optional<JsonNode> other = codec.parse(stored);
    return one.isPresent()
        && other.isPresent()
        && one.get().isObject()
        && other.get().isObject()
        && ImageJson.parent(codec, sent).equals(ImageJson.parent(codec, stored))
        && agree(one.get(), other.get(), mayRead);
  }

  // A daemon drops the fields that it does not know, and adds those that it knows with empty
  // values. So either side may lack a field. But if the client may not read the image, it must send
  // each field of the stored JSON.
  private static boolean agree(JsonNode sent, JsonNode stored, boolean mayRead) {
    if (ImageJson.isEmpty(stored)) {
      return true;
    }
    if (ImageJson.isEmpty(sent)) {
      return mayRead;
    }
    if (sent.isObject() && stored.isObject()) {
      return stored.properties().stream()
          .allMatch(
              field -> {
                JsonNode value = sent.get(field.getKey());
                return value == null
                    ? mayRead || ImageJson.isEmpty(field.getValue())
                    : agree(value, field.getValue(), mayRead);
              });
    }
    return sent.equals(stored);
  }
}
