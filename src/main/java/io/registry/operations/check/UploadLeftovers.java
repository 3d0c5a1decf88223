package io.registry.operations.check;

import io.registry.content.defect.Defect;
import io.registry.content.defect.DefectKind;
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
  private static final BlobKey SESSIONS = BlobKey.of("_oci", "uploads");
  private static final String LOCK = "lock";

  private static final String UNFINISHED = "An upload that was not finished";

  private UploadLeftovers() {}

  /** Reports each folder in which nothing was written since the given time. */
  static void find(BlobStorage storage, Instant since, Consumer<CheckFinding> findings) {
    find(storage, FOLDER, "Uploads that were broken off", since, findings);
    find(storage, SESSIONS, UNFINISHED, since, findings);
    try (Stream<String> images = storage.folders(STAGING)) {
      images
          .map(STAGING::child)
          .forEach(image -> find(storage, image, UNFINISHED, since, findings));
    }
  }

  private static void find(
      BlobStorage storage,
      BlobKey above,
      String text,
      Instant since,
      Consumer<CheckFinding> findings) {
    try (Stream<String> folders = storage.folders(above)) {
      folders
          .map(above::child)
          .filter(folder -> isLeft(storage, folder, since))
          .map(folder -> Defect.of(DefectKind.LEFTOVER, folder, text))
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
