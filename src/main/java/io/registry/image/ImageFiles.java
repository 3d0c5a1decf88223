package io.registry.image;

import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which files an image has, found out with one look into its folder. The mark of an unfinished
 * image is made before all else and removed last, so a folder that changes under the look can make
 * an image look unfinished, but not finished.
 */
final class ImageFiles {
  private static final String CHECKSUM_OF_ASIDE = "_checksum";

  private final ImageId id;
  private final Set<BlobKey> files;

  private ImageFiles(ImageId id, Set<BlobKey> files) {
    this.id = id;
    this.files = files;
  }

  static ImageFiles list(BlobStorage storage, ImageId id) {
    BlobKey folder = ImageKeys.folder(id);
    try (Stream<String> names = storage.list(folder)) {
      return new ImageFiles(id, names.map(folder::child).collect(Collectors.toSet()));
    }
  }

  boolean hasMark() {
    return files.contains(ImageKeys.mark(id));
  }

  boolean hasJson() {
    return files.contains(ImageKeys.json(id));
  }

  boolean hasAncestry() {
    return files.contains(ImageKeys.ancestry(id));
  }

  boolean hasLayer() {
    return files.contains(ImageKeys.layer(id));
  }

  boolean hasChecksum() {
    return files.contains(ImageKeys.checksum(id));
  }

  /** Whether all of it is there, and nobody is at it. */
  boolean isComplete() {
    return !hasMark() && hasContent();
  }

  /** Whether all is there that a finished image needs, be it finished or not. */
  boolean hasContent() {
    return hasJson() && hasLayer();
  }

  /** The layers that wait aside. */
  List<BlobKey> asideLayers() {
    return aside().filter(key -> !key.path().endsWith(CHECKSUM_OF_ASIDE)).toList();
  }

  /** All files that wait aside. */
  List<BlobKey> asideFiles() {
    return aside().toList();
  }

  private Stream<BlobKey> aside() {
    String start = ImageKeys.folder(id).path() + "/" + ImageKeys.ASIDE;
    return files.stream().filter(key -> key.path().startsWith(start));
  }
}
