package io.registry.operations.check;

import io.registry.content.defect.Defect;
import io.registry.content.image.ImageId;
import io.registry.content.image.ImageInspection;
import io.registry.content.image.InspectedImage;
import io.registry.content.image.InspectedImage.State;
import io.registry.content.walk.StoreWalk;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** The phase of a check that inspects each image by itself. */
final class ImagePhase {
  private final ImageInspection images;
  private final Repairs repairs;
  private final ImageFacts table;
  private final boolean readLayers;

  ImagePhase(ImageInspection images, Repairs repairs, ImageFacts table, boolean readLayers) {
    this.images = images;
    this.repairs = repairs;
    this.table = table;
    this.readLayers = readLayers;
  }

  /** The findings of an image, and its state after a repair. */
  private record Seen(int index, InspectedImage image, List<CheckFinding> findings) {}

  void run(StoreWalk walk, CheckRun run) {
    walk.visitNumbers(
        "images",
        table.size(),
        IntStream.range((int) run.next(), table.size()),
        new StoreWalk.Visitor<>(this::look, seen -> note(seen, run), run::done));
  }

  private Seen look(int index) {
    ImageId id = table.id(index);
    InspectedImage image = images.inspect(id, readLayers);
    List<CheckFinding> findings =
        new ArrayList<>(image.defects().stream().map(repairs::of).toList());
    if (findings.stream().noneMatch(finding -> !finding.repair().isEmpty())) {
      return new Seen(index, image, findings);
    }
    InspectedImage after = images.inspect(id, false);
    after.defects().stream()
        .filter(defect -> isNew(defect, image))
        .forEach(defect -> findings.add(CheckFinding.of(defect, "")));
    return new Seen(index, withLayer(after, image), findings);
  }

  private static boolean isNew(Defect defect, InspectedImage before) {
    return before.defects().stream()
        .noneMatch(known -> known.kind() == defect.kind() && known.key().equals(defect.key()));
  }

  private static InspectedImage withLayer(InspectedImage after, InspectedImage before) {
    return new InspectedImage(
        after.state(),
        after.recent(),
        after.hasJson(),
        after.hasLayer(),
        after.hasChecksum(),
        after.parent(),
        after.ancestry(),
        before.layer(),
        before.layerBytes(),
        after.defects());
  }

  private void note(Seen seen, CheckRun run) {
    table.note(seen.index(), seen.image());
    CheckCounters counters = run.counters();
    if (seen.image().state() != State.ABSENT) {
      counters.add(CheckCounters.IMAGES, 1);
    }
    if (seen.image().state() == State.UNDER_WAY) {
      counters.add(CheckCounters.UPLOADS, 1);
    }
    counters.add(CheckCounters.LAYER_BYTES, seen.image().layerBytes());
    switch (seen.image().layer()) {
      case VERIFIED -> counters.add(CheckCounters.LAYERS_VERIFIED, 1);
      case UNVERIFIABLE -> counters.add(CheckCounters.LAYERS_UNVERIFIABLE, 1);
      case NOT_READ, DAMAGED -> {}
    }
    seen.findings().forEach(run::found);
  }
}
