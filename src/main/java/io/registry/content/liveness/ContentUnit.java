package io.registry.content.liveness;

import io.registry.content.image.ImageId;
import io.registry.storage.BlobKey;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * What is kept or removed as a whole: a V1 image with all its files, the bytes of a blob, or what
 * says that a repository contains a blob or a manifest.
 *
 * @param key the folder of the image, or the file
 */
public record ContentUnit(BlobKey key) {
  private static final String IMAGES = "images/";
  private static final String ORIGINS = "_oci/images/";
  private static final String BLOBS = "_oci/blobs/";
  private static final String REPOSITORIES = "repositories/";

  /** The parts of {@code repositories/NAMESPACE/NAME/_oci}. */
  private static final int CONTENT = 4;

  /** Enough to tell all units apart: 128 bits. */
  private static final int NAME_BYTES = 16;

  /** The unit of an image. */
  public static ContentUnit of(ImageId image) {
    return new ContentUnit(BlobKey.of("images", image.value()));
  }

  /**
   * The unit that a file or folder belongs to.
   *
   * @return empty for what the collection never removes
   */
  public static Optional<ContentUnit> of(BlobKey key) {
    String path = key.path();
    if (path.startsWith(REPOSITORIES)) {
      return inRepository(path);
    }
    if (path.startsWith(IMAGES)) {
      return image(path.split("/", -1)[1]);
    }
    if (path.startsWith(ORIGINS)) {
      return image(path.substring(path.lastIndexOf('/') + 1));
    }
    return path.startsWith(BLOBS) && path.split("/", -1).length == CONTENT + 1
        ? Optional.of(new ContentUnit(key))
        : Optional.empty();
  }

  private static Optional<ContentUnit> image(String name) {
    return ImageId.find(name).map(ContentUnit::of);
  }

  private static Optional<ContentUnit> inRepository(String path) {
    String[] names = path.split("/", -1);
    if (names.length <= CONTENT + 1 || !names[CONTENT - 1].equals("_oci")) {
      return Optional.empty();
    }
    return switch (names[CONTENT]) {
      case "blobs", "manifests", "tags" -> Optional.of(new ContentUnit(new BlobKey(path)));
      // The list of referrers of a subject goes with the manifests in it.
      case "referrers" ->
          names.length == CONTENT + 3
              ? Optional.of(
                  new ContentUnit(
                      new BlobKey(
                          String.join("/", Arrays.copyOf(names, CONTENT))
                              + "/manifests/"
                              + names[CONTENT + 2])))
              : Optional.empty();
      default -> Optional.empty();
    };
  }

  /** Whether a client sees the unit from the moment that this file exists. */
  boolean isShownBy(BlobKey file) {
    return file.equals(key) || file.path().equals(key.path() + "/json");
  }

  /** Its name in the store: 32 hexadecimal digits. */
  public String name() {
    byte[] hash = DigestUtils.sha256(key.path().getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(hash, 0, NAME_BYTES);
  }
}
