package io.registry.content.image;

import io.registry.content.defect.Defect;
import io.registry.content.defect.DefectKind;
import io.registry.content.defect.Remedy;
import io.registry.content.image.InspectedImage.LayerState;
import io.registry.platform.concurrent.HashedCopies;
import io.registry.storage.Blob;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.ByteRange;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/** Reads layers and compares them with their checksums. */
final class LayerInspection {

  private final BlobStorage storage;
  private final Semaphore readers;
  private final HashedCopies copies = new HashedCopies();

  /**
   * Creates an inspection.
   *
   * @param storage the store
   * @param readers how many layers are read concurrently
   */
  LayerInspection(BlobStorage storage, int readers) {
    this.storage = storage;
    this.readers = new Semaphore(readers);
  }

  /**
   * The result of reading a layer.
   *
   * @param state the state of the layer
   * @param bytes its size
   * @param defect its defect, if there is one
   */
  record Result(LayerState state, long bytes, Optional<Defect> defect) {}

  /**
   * Reads a layer once, and a second time only when its checksum differs.
   *
   * @param layer the layer
   * @param json the JSON of the image
   * @param checksums the checksums in the store
   * @param computed whether a registry has computed them, rather than a client claimed them
   */
  Result read(BlobKey layer, byte[] json, List<Checksum> checksums, boolean computed) {
    readers.acquireUninterruptibly();
    try (Blob blob = open(layer)) {
      long size = blob.size();
      boolean simple = checksums.stream().anyMatch(Checksum::isSimple);
      boolean known = simple || checksums.stream().anyMatch(Checksum::isTarSum);
      if (known && (simple ? hasSimple(blob, json, checksums) : hasTarSum(blob, json, checksums))) {
        return new Result(LayerState.VERIFIED, size, Optional.empty());
      }
      LayerForm form = known ? form(layer) : LayerForm.of(blob.body());
      if (!known && form == LayerForm.WHOLE) {
        return new Result(LayerState.UNVERIFIABLE, size, Optional.empty());
      }
      Defect defect = defect(layer, blob.version(), form, known, computed);
      return new Result(LayerState.DAMAGED, size, Optional.of(defect));
    } finally {
      readers.release();
    }
  }

  private Blob open(BlobKey layer) {
    return storage.open(layer, ByteRange.ALL).orElseThrow(() -> new VanishedException(layer));
  }

  private boolean hasSimple(Blob blob, byte[] json, List<Checksum> checksums) {
    LayerDigest digest = new LayerDigest(json);
    try {
      copies.copy(blob.body(), OutputStream.nullOutputStream(), List.of(digest.hash()));
    } catch (IOException e) {
      throw new IllegalStateException("Could not read a layer", e);
    }
    return checksums.contains(digest.sum());
  }

  private static boolean hasTarSum(Blob blob, byte[] json, List<Checksum> checksums) {
    try {
      TarSum sum = TarSum.of(json, blob.body());
      return checksums.stream().anyMatch(sum::matches);
    } catch (IOException e) {
      return false;
    }
  }

  private LayerForm form(BlobKey layer) {
    try (Blob blob = open(layer)) {
      return LayerForm.of(blob.body());
    }
  }

  private static Defect defect(
      BlobKey layer, String version, LayerForm form, boolean known, boolean computed) {
    // Only a checksum that a registry has computed proves that these bytes are wrong.
    Remedy remedy = known && computed ? Remedy.SET_ASIDE : Remedy.NONE;
    return switch (form) {
      case CUT ->
          new Defect(
              DefectKind.LAYER_TRUNCATED, layer, "The layer ends too early", remedy, version);
      case BROKEN ->
          new Defect(
              DefectKind.LAYER_BROKEN, layer, "The layer cannot be decompressed", remedy, version);
      case WHOLE ->
          computed
              ? new Defect(
                  DefectKind.LAYER_MISMATCH,
                  layer,
                  "The layer has not the checksum that was verified when it was pushed",
                  remedy,
                  version)
              : Defect.of(
                  DefectKind.CLAIM_MISMATCH,
                  layer,
                  "The layer is whole, but has not the checksum on file, which a registry before"
                      + " 0.7 took from the client without verifying it");
    };
  }

  /** A file disappeared during the inspection. */
  static final class VanishedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    VanishedException(BlobKey key) {
      super(key + " has vanished");
    }
  }
}
