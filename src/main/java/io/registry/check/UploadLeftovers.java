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

/** Finds what killed registries have left where writes begin. Their next start removes it. */
final class UploadLeftovers {
  private static final BlobKey FOLDER = BlobKey.of("_uploads");
  private static final String LOCK = "lock";

  private UploadLeftovers() {}

  /** Tells of each folder in which nothing was written since then. */
  static void find(BlobStorage storage, Instant since, Consumer<Finding> findings) {
    try (Stream<String> folders = storage.folders(FOLDER)) {
      folders
          .map(FOLDER::child)
          .filter(folder -> isLeft(storage, folder, since))
          .map(folder -> Defect.of(DefectKind.LEFTOVER, folder, "Uploads that were broken off"))
          .forEach(defect -> findings.accept(Finding.of(defect, "")));
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
