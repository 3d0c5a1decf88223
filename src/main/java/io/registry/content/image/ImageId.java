package io.registry.content.image;

import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.platform.problem.Subject;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The id of an image. V1 clients choose the ids of the images that they push (protocol 1). An image
 * that V1 cannot express has the digest of its manifest for an id: only a tag names it, and V1 does
 * not show it.
 *
 * @param value 64 lower-case hexadecimal digits, or 16, which the original also accepts; or {@code
 *     sha256:} and 64 digits, or {@code sha512:} and 128
 */
public record ImageId(String value) {
  private static final int LENGTH = 64;
  private static final int SHORT_LENGTH = 16;
  private static final Pattern MANIFEST =
      Pattern.compile("sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}");

  /**
   * Validates the id.
   *
   * @throws RegistryException when it is not valid
   */
  public ImageId {
    if (!hasForm(value) && !namesManifest(value)) {
      throw invalid();
    }
  }

  private static RegistryException invalid() {
    return new RegistryException(Problem.NOT_FOUND, Subject.IMAGE, "Invalid image ID");
  }

  /**
   * Parses the id of a V1 image in data that may contain anything.
   *
   * @param text the text
   * @return the id; empty when the text is not a valid id of V1
   */
  public static Optional<ImageId> find(String text) {
    return hasForm(text) ? Optional.of(new ImageId(text)) : Optional.empty();
  }

  /**
   * Parses what a tag names: the id of a V1 image, or a manifest.
   *
   * @param text the content of a tag
   * @return the id; empty when the text is neither
   */
  public static Optional<ImageId> findTagged(String text) {
    return namesManifest(text) ? Optional.of(new ImageId(text)) : find(text);
  }

  /**
   * Parses the id of a V1 image in a path.
   *
   * @param text the text
   * @return the id
   * @throws RegistryException when it is not valid
   */
  public static ImageId valueOf(String text) {
    return find(text).orElseThrow(ImageId::invalid);
  }

  /** Whether this is the digest of a manifest, because V1 cannot express the image. */
  public boolean isManifest() {
    return value.indexOf(':') >= 0;
  }

  private static boolean namesManifest(String text) {
    return MANIFEST.matcher(text).matches();
  }

  private static boolean hasForm(String text) {
    if (text.length() != LENGTH && text.length() != SHORT_LENGTH) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char digit = text.charAt(i);
      if (!((digit >= '0' && digit <= '9') || (digit >= 'a' && digit <= 'f'))) {
        return false;
      }
    }
    return true;
  }

  @Override
  public String toString() {
    return value;
  }
}
