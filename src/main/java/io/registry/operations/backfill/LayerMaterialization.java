package io.registry.operations.backfill;

import io.registry.bridge.CopiedLayers;
import io.registry.content.image.ImageId;
import io.registry.content.image.ImageInspection;
import io.registry.content.image.LayerPointers;
import io.registry.content.walk.StoreWalk;
import io.registry.operations.backfill.BackfillCounts.Count;
import io.registry.storage.BlobInfo;
import io.registry.storage.BlobKey;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Copies each layer that is a pointer to a pushed blob into a file, which the original can serve.
 * The store itself tells what is done, so that there is nothing else to go on from when it was
 * interrupted.
 */
final class LayerMaterialization {
  private final LayerPointers storage;
  private final ImageInspection images;
  private final CopiedLayers copies;
  private final BackfillCounts counts;
  private final Consumer<Finding> findings;

  /**
   * A materialization.
   *
   * @param storage the store
   * @param images names the images
   * @param copies is told of each copy
   * @param counts counts what was done
   * @param findings gets the layers that are lost
   */
  LayerMaterialization(
      LayerPointers storage,
      ImageInspection images,
      CopiedLayers copies,
      BackfillCounts counts,
      Consumer<Finding> findings) {
    this.storage = storage;
    this.images = images;
    this.copies = copies;
    this.counts = counts;
    this.findings = findings;
  }

  /** What came of one image. */
  private record Outcome(ImageId image, long bytes, boolean copied, Optional<BlobKey> lost) {
    static Outcome none(ImageId image) {
      return new Outcome(image, 0, false, Optional.empty());
    }
  }

  /**
   * Copies all of them.
   *
   * @param walk visits the images
   * @param dryRun whether they are only counted
   */
  void run(StoreWalk walk, boolean dryRun) {
    try (Stream<ImageId> ids = images.ids()) {
      walk.visitAll(
          "images",
          ids.iterator(),
          new StoreWalk.Visitor<>(id -> materialize(id, dryRun), this::note));
    }
  }

  private Outcome materialize(ImageId image, boolean dryRun) {
    BlobKey layer = ImageInspection.layer(image);
    Optional<BlobKey> blob = storage.target(layer);
    if (blob.isEmpty()) {
      return Outcome.none(image);
    }
    Optional<BlobInfo> shared = storage.stat(blob.get());
    boolean isFile = storage.isFile(layer);
    if (shared.isEmpty()) {
      return isFile ? Outcome.none(image) : new Outcome(image, 0, false, blob);
    }
    if (!dryRun) {
      if (!isFile) {
        storage.materialize(layer);
      }
      storage.stat(layer).ifPresent(copy -> copies.copied(image, shared.get(), copy));
    }
    return new Outcome(image, shared.get().size(), !isFile, Optional.empty());
  }

  private void note(Outcome outcome) {
    counts.add(Count.IMAGES, 1);
    if (outcome.copied()) {
      counts.add(Count.MATERIALIZED, 1);
      counts.add(Count.BYTES_MATERIALIZED, outcome.bytes());
    }
    outcome
        .lost()
        .ifPresent(
            blob -> {
              counts.add(Count.FINDINGS, 1);
              findings.accept(
                  new Finding(
                      Finding.LAYER_LOST,
                      "",
                      "",
                      outcome.image().value(),
                      "The layer is lost: there is no " + blob));
            });
  }
}
