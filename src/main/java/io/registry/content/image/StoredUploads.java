package io.registry.content.image;

import io.registry.platform.problem.RegistryException;
import io.registry.storage.Blob;
import io.registry.storage.BlobStorage;
import io.registry.storage.ByteRange;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;

/**
 * Completes images that the original, or an earlier release of this registry, has left incomplete
 * in their own folders, when the checksum matches the files there.
 */
final class StoredUploads {
  private final BlobStorage storage;
  private final StoredChecksums checksums;
  private final StagedSums sums;
  private final ImagePublication publication;

  StoredUploads(
      BlobStorage storage,
      StoredChecksums checksums,
      StagedSums sums,
      ImagePublication publication) {
    this.storage = storage;
    this.checksums = checksums;
    this.sums = sums;
    this.publication = publication;
  }

  /** The JSON of an incomplete image. */
  byte[] json(ImageId id) {
    return storage.read(ImageKeys.json(id), ImageKeys.SMALL).orElseThrow(PushRefusals::unknown);
  }

  /**
   * Completes an image.
   *
   * @throws RegistryException {@code INVALID} when the layer is missing or incomplete, or the
   *     checksum differs
   */
  void finish(ImageId id, Checksum announced, PushRights rights) {
    byte[] json = json(id);
    ImageFiles files = ImageFiles.list(storage, id);
    // Without a checksum file, the layer may be incomplete.
    if (!files.hasChecksum() || !files.hasLayer()) {
      throw PushRefusals.withoutLayer();
    }
    List<Checksum> known = checksums.read(ImageKeys.checksum(id));
    List<Checksum> verified = announced.isTarSum() ? tarSum(id, json, announced, known) : known;
    // Registries of the 0.5 line wrote the client's claim, so the checksum is computed from the
    // layer (protocol 3.4).
    if (!verified.contains(announced)
        || (announced.isSimple() && !sums.compute(id, json).equals(announced))) {
      throw PushRefusals.mismatch();
    }
    // Another client may have published its own image meanwhile.
    if (!publication.finishStored(id, verified)
        && !checksums.read(ImageKeys.checksum(id)).contains(announced)) {
      throw PushRefusals.otherImage(rights);
    }
  }

  private List<Checksum> tarSum(ImageId id, byte[] json, Checksum announced, List<Checksum> known) {
    try (Blob layer =
        storage.open(ImageKeys.layer(id), ByteRange.ALL).orElseThrow(PushRefusals::withoutLayer)) {
      return TarSum.of(json, layer.body()).matches(announced)
          ? Stream.concat(known.stream().filter(Checksum::isSimple), Stream.of(announced)).toList()
          : known;
    } catch (IOException e) {
      throw PushRefusals.noTar(e);
    }
  }
}
