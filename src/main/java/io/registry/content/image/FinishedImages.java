package io.registry.content.image;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.registry.storage.BlobInfo;
import io.registry.storage.BlobKey;
import java.util.List;
import java.util.Optional;

/**
 * Caches facts about complete images, so that the store need not be asked again. An entry belongs
 * to one version of a file: an image that is pushed again, because its layer was lost, gets new
 * files first, so that its old entries are not used.
 */
final class FinishedImages {
  private static final int MAX_FILES = 30_000;
  private static final int MAX_IMAGES = 10_000;

  private final Cache<BlobKey, String> versions =
      Caffeine.newBuilder().maximumSize(MAX_FILES).build();
  private final Cache<ImageId, Facts> facts = Caffeine.newBuilder().maximumSize(MAX_IMAGES).build();

  /** Whether that version of a file is known to belong to a complete image. */
  boolean isKnown(BlobKey file, String version) {
    return version.equals(versions.getIfPresent(file));
  }

  /** Records that the image was complete with that version of the file. */
  void remember(BlobKey file, String version) {
    versions.put(file, version);
  }

  /** The facts about the complete image with that version of its JSON. */
  Optional<Facts> facts(ImageId id, String version) {
    return Optional.ofNullable(facts.getIfPresent(id))
        .filter(known -> known.version().equals(version));
  }

  /** Records the facts about a complete image. */
  void remember(ImageId id, Facts known) {
    facts.put(id, known);
  }

  /**
   * The facts about a complete image that belong to one version of its JSON.
   *
   * @param version the version of the JSON
   * @param layer the layer in the store; empty when it is lost
   * @param checksums the checksums in the store
   */
  record Facts(String version, Optional<BlobInfo> layer, List<Checksum> checksums) {}
}
