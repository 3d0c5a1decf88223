package io.registry.image;

import io.registry.storage.BlobEntry;
import io.registry.storage.BlobInfo;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which files an image has, found out with one look into its folder. The JSON of a new image comes
 * last, and the mark of one that is replaced is made first and removed last, so a folder that
 * changes under the look can make an image look unfinished, but not finished.
 */
final class ImageFiles {
  private static final String CHECKSUM_OF_ASIDE = "_checksum";

  private final ImageId id;
  private final Map<BlobKey, BlobEntry> files;

  private ImageFiles(ImageId id, Map<BlobKey, BlobEntry> files) {
    this.id = id;
    this.files = files;
  }

  static ImageFiles list(BlobStorage storage, ImageId id) {
    BlobKey folder = ImageKeys.folder(id);
    try (Stream<BlobEntry> entries = storage.list(folder)) {
      return new ImageFiles(
          id,
          entries.collect(
              Collectors.toMap(
                  entry -> folder.child(entry.name()),
                  Function.identity(),
                  // A file that is replaced during the look may be seen twice.
                  (first, second) -> second)));
    }
  }

  boolean isEmpty() {
    return files.isEmpty();
  }

  boolean hasMark() {
    return has(ImageKeys.mark(id));
  }

  /** What is known of a file; nothing when it is not there. */
  Optional<BlobInfo> info(BlobKey file) {
    return Optional.ofNullable(files.get(file)).map(BlobEntry::info);
  }

  /** Whether a file is there in that version. */
  boolean isVersion(BlobKey file, String version) {
    return info(file).filter(info -> info.version().equals(version)).isPresent();
  }

  /** Whether both looks have found the same versions of the same files. */
  boolean isSameAs(ImageFiles other) {
    return files.equals(other.files);
  }

  /** When the last of its files was written; long ago when there is none. */
  Instant lastWritten() {
    return files.values().stream()
        .map(BlobEntry::modified)
        .max(Comparator.naturalOrder())
        .orElse(Instant.EPOCH);
  }

  /** The names of all its files. */
  Stream<String> names() {
    return files.values().stream().map(BlobEntry::name);
  }

  private boolean has(BlobKey file) {
    return files.containsKey(file);
  }

  boolean hasJson() {
    return has(ImageKeys.json(id));
  }

  boolean hasAncestry() {
    return has(ImageKeys.ancestry(id));
  }

  boolean hasLayer() {
    return has(ImageKeys.layer(id));
  }

  boolean hasChecksum() {
    return has(ImageKeys.checksum(id));
  }

  /** Whether all of it is there, and it is not being replaced. */
  boolean isComplete() {
    return !hasMark() && hasContent();
  }

  /** Whether all is there that a finished image needs, be it finished or not. */
  boolean hasContent() {
    return hasJson() && hasLayer();
  }

  /** The layers that an earlier version of this registry left aside. */
  List<BlobKey> asideLayers() {
    return aside().filter(key -> !key.path().endsWith(CHECKSUM_OF_ASIDE)).toList();
  }

  /** All that belongs to a layer that was there before: what was made from it, and aside. */
  List<BlobKey> dependentFiles() {
    return Stream.concat(contentFiles().stream(), aside()).toList();
  }

  /** The claims on the place of the image. */
  List<BlobKey> claims() {
    return files.keySet().stream().filter(key -> claimNumber(key).isPresent()).toList();
  }

  /** The number of the last claim; nothing when there is none. */
  Optional<Integer> lastClaim() {
    return files.keySet().stream()
        .flatMap(key -> claimNumber(key).stream())
        .max(Comparator.naturalOrder());
  }

  private Optional<Integer> claimNumber(BlobKey key) {
    String start = ImageKeys.folder(id).path() + "/" + ImageKeys.CLAIM;
    if (!key.path().startsWith(start)) {
      return Optional.empty();
    }
    String number = key.path().substring(start.length());
    return number.matches("[1-9][0-9]{0,8}")
        ? Optional.of(Integer.valueOf(number))
        : Optional.empty();
  }

  /** All that was made from the layer, and does not hold for another one. */
  List<BlobKey> contentFiles() {
    return Stream.of(ImageKeys.files(id), ImageKeys.diff(id)).filter(this::has).toList();
  }

  private Stream<BlobKey> aside() {
    String start = ImageKeys.folder(id).path() + "/" + ImageKeys.ASIDE;
    return files.keySet().stream().filter(key -> key.path().startsWith(start));
  }
}
