package io.registry.operations.check;

import io.registry.content.defect.DamagedFiles;
import io.registry.content.defect.Defect;
import io.registry.content.image.ImageId;
import io.registry.content.image.ImageInspection;
import io.registry.content.image.InspectedImage.StoredAncestry;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import java.util.List;

/**
 * Repairs defects where that is safe, if the options allow it. An interrupted repair can be
 * repeated, and no bytes are deleted of which there is no other copy.
 */
final class Repairs {
  private static final String NOTHING = "";

  private final boolean wanted;
  private final ImageInspection images;
  private final DamagedFiles damaged;

  Repairs(BlobStorage storage, ImageInspection images, boolean wanted) {
    this.wanted = wanted;
    this.images = images;
    this.damaged = new DamagedFiles(storage);
  }

  /** Repairs a single file, if possible. */
  CheckFinding of(Defect defect) {
    return CheckFinding.of(defect, wanted ? repair(defect) : NOTHING);
  }

  private String repair(Defect defect) {
    return switch (defect.remedy()) {
      case SET_ASIDE ->
          damaged
              .setAside(defect.key(), defect.version())
              .map(target -> "moved to " + target)
              .orElse(NOTHING);
      case REMOVE_COPY -> removeCopy(defect.key());
      case REBUILD, NONE -> NOTHING;
    };
  }

  private String removeCopy(BlobKey aside) {
    BlobKey layer =
        new BlobKey(aside.path().substring(0, aside.path().lastIndexOf('/') + 1) + "layer");
    if (!damaged.isSame(aside, layer)) {
      return NOTHING;
    }
    images.removeCopy(aside);
    return "removed: the layer in place has the same bytes";
  }

  /** Writes an ancestry again; the old file is kept under another name. */
  CheckFinding ofAncestry(Defect defect, StoredAncestry stored, List<ImageId> ancestry) {
    if (!wanted) {
      return CheckFinding.of(defect, NOTHING);
    }
    if (stored.present() && damaged.keepCopy(defect.key(), stored.version()).isEmpty()) {
      return CheckFinding.of(defect, NOTHING);
    }
    images.writeAncestry(ancestry);
    return CheckFinding.of(defect, "written anew from the parents");
  }
}
