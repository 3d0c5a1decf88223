package io.registry.content.image;

import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.storage.BlobStorage;
import io.registry.storage.BlobWriter;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Objects;

/** Restores the lost layer of a complete image, and accepts only exactly that layer. */
final class LayerRestoration {
  private final BlobStorage storage;
  private final StoredChecksums checksums;
  private final StagedSums sums;

  LayerRestoration(BlobStorage storage, StoredChecksums checksums, StagedSums sums) {
    this.storage = storage;
    this.checksums = checksums;
    this.sums = sums;
  }

  /**
   * Restores a layer.
   *
   * @param id the image, which has a JSON and no layer
   * @param body the layer; not closed
   * @throws RegistryException {@code INVALID} when it is another layer, {@code CONFLICT} when the
   *     image changed meanwhile or has no checksum for a comparison
   */
  void restore(ImageId id, InputStream body) {
    if (checksums.read(ImageKeys.checksum(id)).stream().noneMatch(Checksum::isSimple)) {
      throw new RegistryException(
          Problem.CONFLICT,
          "The layer is lost and has no checksum to verify a new one: send the image JSON first");
    }
    byte[] json =
        storage.read(ImageKeys.json(id), ImageKeys.SMALL).orElseThrow(PushRefusals::unknown);
    try (BlobWriter writer = storage.createIfAbsent(ImageKeys.layer(id))) {
      Checksum sum =
          Objects.requireNonNull(
              sums.copy(body, writer, Map.of("", new LayerDigest(json))).get(""));
      ImageFiles files = ImageFiles.list(storage, id);
      if (PushState.Stored.of(files) != PushState.Stored.WITHOUT_LAYER) {
        throw pushedAnew();
      }
      if (!checksums.read(ImageKeys.checksum(id)).contains(sum)) {
        throw PushRefusals.mismatch();
      }
      if (!writer.commit()) {
        throw pushedAnew();
      }
    } catch (IOException e) {
      throw PushRefusals.brokeOff(e);
    }
  }

  private static RegistryException pushedAnew() {
    return new RegistryException(
        Problem.CONFLICT, "The image was pushed anew while its lost layer was uploaded");
  }
}
