package io.registry.operations.check;

import io.registry.content.defect.Defect;
import io.registry.content.defect.DefectKind;
import io.registry.content.defect.Remedy;
import io.registry.content.image.ImageId;
import io.registry.content.image.ImageInspection;
import io.registry.content.image.InspectedImage;
import io.registry.content.image.InspectedImage.State;
import io.registry.content.walk.StoreWalk;
import io.registry.operations.check.ImageFacts.Flag;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The phase of a check that verifies parents and ancestries, and finds images that no tag leads to.
 * It works on the table; only suspicious images are read from the store again.
 */
final class LinkPhase {
  private final ImageInspection images;
  private final Repairs repairs;
  private final ImageFacts table;

  LinkPhase(ImageInspection images, Repairs repairs, ImageFacts table) {
    this.images = images;
    this.repairs = repairs;
    this.table = table;
  }

  void run(StoreWalk walk, CheckRun run) {
    table.markReached();
    walk.visitNumbers(
        "links between images",
        table.size(),
        IntStream.range((int) run.next(), table.size())
            .filter(index -> isFinished(index) && (isSuspicious(index) || isOrphan(index))),
        new StoreWalk.Visitor<>(this::look, findings -> findings.forEach(run::found), run::done));
  }

  private boolean isFinished(int index) {
    return table.is(index, Flag.HAS_JSON)
        && !table.is(index, Flag.UNDER_WAY)
        && !table.is(index, Flag.STUCK);
  }

  private boolean isSuspicious(int index) {
    Optional<List<ImageId>> chain = chain(index);
    return !table.is(index, Flag.HAS_LAYER)
        || chain.isEmpty()
        || !table.hasAncestry(index, chain.get());
  }

  private boolean isOrphan(int index) {
    return !table.is(index, Flag.REACHED) && !table.is(index, Flag.RECENT);
  }

  private Optional<List<ImageId>> chain(int index) {
    return table.chain(index, ImageInspection.maxAncestry());
  }

  private List<CheckFinding> look(int index) {
    ImageId id = table.id(index);
    List<CheckFinding> findings = new ArrayList<>();
    if (isSuspicious(index)) {
      InspectedImage image = images.inspect(id, false);
      if (image.state() == State.FINISHED && image.hasJson()) {
        lookAtParent(index, id, image).ifPresent(findings::add);
        lookAtLayer(index, id, image).ifPresent(findings::add);
        lookAtAncestry(index, id, image).ifPresent(findings::add);
      }
    }
    if (isOrphan(index)) {
      findings.add(
          CheckFinding.of(
              Defect.of(
                  DefectKind.ORPHAN_IMAGE, ImageInspection.folder(id), "No tag leads to the image"),
              ""));
    }
    return findings;
  }

  // A mirror has images without checksums and tags, and fetches their parts on demand.
  private boolean mayBeFetched(int index) {
    return !table.is(index, Flag.REACHED) && !table.is(index, Flag.HAS_CHECKSUM);
  }

  private Optional<CheckFinding> lookAtParent(int index, ImageId id, InspectedImage image) {
    if (image.parent().isEmpty() || images.exists(image.parent().get())) {
      return Optional.empty();
    }
    String parent = "The image that it builds upon is not there: " + image.parent().get();
    return Optional.of(
        CheckFinding.of(
            mayBeFetched(index)
                ? Defect.of(DefectKind.NOT_FETCHED, ImageInspection.folder(id), parent)
                : Defect.of(DefectKind.PARENT_MISSING, ImageInspection.folder(id), parent),
            ""));
  }

  private Optional<CheckFinding> lookAtLayer(int index, ImageId id, InspectedImage image) {
    if (image.hasLayer()) {
      return Optional.empty();
    }
    return Optional.of(
        CheckFinding.of(
            mayBeFetched(index)
                ? Defect.of(
                    DefectKind.NOT_FETCHED,
                    ImageInspection.layer(id),
                    "There is neither a layer nor a checksum: a mirror fetches it when it is asked"
                        + " for; else it is lost")
                : Defect.of(
                    DefectKind.LAYER_MISSING,
                    ImageInspection.layer(id),
                    "The layer is lost. A push brings it back"),
            ""));
  }

  private Optional<CheckFinding> lookAtAncestry(int index, ImageId id, InspectedImage image) {
    Optional<List<ImageId>> chain = chain(index);
    boolean damaged = image.ancestry().ids().isEmpty();
    if (chain.isEmpty()) {
      return damaged
          ? Optional.of(CheckFinding.of(defect(id, image, Remedy.NONE), ""))
          : cycle(index, id);
    }
    boolean changed = !image.parent().equals(chain.get().stream().skip(1).findFirst());
    if (changed || image.ancestry().ids().equals(chain)) {
      return Optional.empty();
    }
    return Optional.of(
        repairs.ofAncestry(defect(id, image, Remedy.REBUILD), image.ancestry(), chain.get()));
  }

  // A chain that breaks off is reported as a missing parent instead.
  private Optional<CheckFinding> cycle(int index, ImageId id) {
    int next = index;
    for (int length = 0; next >= 0 && table.is(next, Flag.HAS_JSON); length++) {
      if (length == ImageInspection.maxAncestry()) {
        String text = "The parents go round in a circle, or are too many";
        return Optional.of(
            CheckFinding.of(
                Defect.of(DefectKind.ANCESTRY_BROKEN, ImageInspection.ancestry(id), text), ""));
      }
      next = table.parent(next);
    }
    return Optional.empty();
  }

  private static Defect defect(ImageId id, InspectedImage image, Remedy remedy) {
    if (!image.ancestry().present()) {
      return defect(DefectKind.ANCESTRY_MISSING, id, "The ancestry is missing", remedy);
    }
    return image.ancestry().ids().isEmpty()
        ? defect(DefectKind.ANCESTRY_BROKEN, id, "The ancestry is damaged", remedy)
        : defect(
            DefectKind.ANCESTRY_MISMATCH,
            id,
            "The ancestry names other images than those that the image builds upon",
            remedy);
  }

  private static Defect defect(DefectKind kind, ImageId id, String text, Remedy remedy) {
    return new Defect(kind, ImageInspection.ancestry(id), text, remedy, "");
  }
}
