package io.registry.content.image;

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
 * The files in the folder of an image, read with one listing. The JSON of a new image is written
 * last, and the mark of an image that is being replaced is written first and deleted last. So a
 * concurrent change can make an image look incomplete, but never complete.
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
                  // A listing may contain a file twice when it is replaced meanwhile.
                  (first, second) -> second)));
    }
  }

  boolean isEmpty() {
    return files.isEmpty();
  }

  boolean hasMark() {
    return has(ImageKeys.mark(id));
  }

  /** The metadata of a file; empty when it does not exist. */
  Optional<BlobInfo> info(BlobKey file) {
    return Optional.ofNullable(files.get(file)).map(BlobEntry::info);
  }

  /** Whether a file exists in that version. */
  boolean isVersion(BlobKey file, String version) {
    return info(file).filter(info -> info.version().equals(version)).isPresent();
  }

  /** Whether both listings contain the same versions of the same files. */
  boolean isSameAs(ImageFiles other) {
    return files.equals(other.files);
  }

  /** When the last file was written; the distant past when there is none. */
  Instant lastWritten() {
    return files.values().stream()
        .map(BlobEntry::modified)
        .max(Comparator.naturalOrder())
        .orElse(Instant.EPOCH);
  }

  /** The names of all files. */
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

  /** Whether the image has all files, and is not being replaced. */
  boolean isComplete() {
    return !hasMark() && hasContent();
  }

  /** Whether all files of a complete image exist, even if the image is marked as incomplete. */
  boolean hasContent() {
    return hasJson() && hasLayer();
  }

  /** The layers that an earlier release put aside. */
  List<BlobKey> asideLayers() {
    return aside().filter(key -> !key.path().endsWith(CHECKSUM_OF_ASIDE)).toList();
  }

  /** All files that depend on an earlier layer: derived documents, and layers put aside. */
  List<BlobKey> dependentFiles() {
    return Stream.concat(contentFiles().stream(), aside()).toList();
  }

  /** The claims for publishing the image. */
  List<BlobKey> claims() {
    return files.keySet().stream().filter(key -> claimNumber(key).isPresent()).toList();
  }

  /** The number of the last claim; empty when there is none. */
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

  /** All files that are derived from the layer, and are not valid for another one. */
  List<BlobKey> contentFiles() {
    return Stream.of(ImageKeys.files(id), ImageKeys.diff(id)).filter(this::has).toList();
  }

  private Stream<BlobKey> aside() {
    String start = ImageKeys.folder(id).path() + "/" + ImageKeys.ASIDE;
    return files.keySet().stream().filter(key -> key.path().startsWith(start));
  }
}
