package io.registry.check;

import io.registry.defect.Defect;
import io.registry.defect.DefectKind;
import io.registry.storage.BlobEntry;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Finds temporary files of interrupted writes, and uploads that clients have abandoned. A running
 * registry deletes both.
 */
final class UploadLeftovers {
  private static final BlobKey FOLDER = BlobKey.of("_uploads");
  private static final BlobKey STAGING = BlobKey.of("_staging");
  private static final String LOCK = "lock";

  private UploadLeftovers() {}

  /** Reports each folder in which nothing was written since the given time. */
  static void find(BlobStorage storage, Instant since, Consumer<CheckFinding> findings) {
    try (Stream<String> folders = storage.folders(FOLDER)) {
      folders
          .map(FOLDER::child)
          .filter(folder -> isLeft(storage, folder, since))
          .map(folder -> Defect.of(DefectKind.LEFTOVER, folder, "Uploads that were broken off"))
          .forEach(defect -> findings.accept(CheckFinding.of(defect, "")));
    }
    try (Stream<String> images = storage.folders(STAGING)) {
      images.map(STAGING::child).forEach(image -> findStaged(storage, image, since, findings));
    }
  }

  private static void findStaged(
      BlobStorage storage, BlobKey image, Instant since, Consumer<CheckFinding> findings) {
    try (Stream<String> places = storage.folders(image)) {
      places
          .map(image::child)
          .filter(place -> isLeft(storage, place, since))
          .map(place -> Defect.of(DefectKind.LEFTOVER, place, "An upload that was not finished"))
          .forEach(defect -> findings.accept(CheckFinding.of(defect, "")));
    }
  }

  private static boolean isLeft(BlobStorage storage, BlobKey folder, Instant since) {
    try (Stream<BlobEntry> files = storage.list(folder)) {
      List<BlobEntry> uploads = files.filter(file -> !file.name().equals(LOCK)).toList();
      return !uploads.isEmpty()
          && uploads.stream().noneMatch(file -> file.modified().isAfter(since));
    }
  }
}
