package io.registry.image;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.registry.storage.BlobInfo;
import io.registry.storage.BlobKey;
import java.util.List;
import java.util.Optional;

/**
 * What was once seen of finished images, so that the store need not be asked again. A file of an
 * image is remembered with its version, and a memory counts only for that very version: an image
 * that is pushed anew, because its layer was lost, gets new files first.
 */
final class FinishedImages {
  private static final int MAX_FILES = 30_000;
  private static final int MAX_IMAGES = 10_000;

  private final Cache<BlobKey, String> versions =
      Caffeine.newBuilder().maximumSize(MAX_FILES).build();
  private final Cache<ImageId, Facts> facts = Caffeine.newBuilder().maximumSize(MAX_IMAGES).build();

  /** Whether that version of a file is known to belong to a finished image. */
  boolean isKnown(BlobKey file, String version) {
    return version.equals(versions.getIfPresent(file));
  }

  /** Remembers that the image was finished with that version of the file. */
  void remember(BlobKey file, String version) {
    versions.put(file, version);
  }

  /** What is known of the finished image that has that version of its JSON. */
  Optional<Facts> facts(ImageId id, String version) {
    return Optional.ofNullable(facts.getIfPresent(id))
        .filter(known -> known.version().equals(version));
  }

  /** Remembers what there is to know of a finished image. */
  void remember(ImageId id, Facts known) {
    facts.put(id, known);
  }

  /**
   * What belongs to the JSON of a finished image.
   *
   * @param version of the JSON
   * @param layer as stored; nothing when it is lost
   * @param checksums on file
   */
  record Facts(String version, Optional<BlobInfo> layer, List<Checksum> checksums) {}
}
