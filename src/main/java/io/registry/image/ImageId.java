package io.registry.image;

import io.registry.problem.Problem;
import io.registry.problem.RegistryException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The name of an image, chosen by the client that pushes it (protocol 1).
 *
 * @param value 64 lower-case hexadecimal digits, or 16 as the original also admits
 */
public record ImageId(String value) {
  private static final Pattern FORM = Pattern.compile("[a-f0-9]{16}|[a-f0-9]{64}");

  /**
   * Checks the form.
   *
   * @throws RegistryException when it is not an image id
   */
  public ImageId {
    if (!FORM.matcher(value).matches()) {
      throw new RegistryException(Problem.NOT_FOUND, "Invalid image ID");
    }
  }

  /**
   * Reads an id out of data that may hold anything.
   *
   * @param text what may be an id
   * @return the id, or nothing when the text has not the form of one
   */
  public static Optional<ImageId> find(String text) {
    return FORM.matcher(text).matches() ? Optional.of(new ImageId(text)) : Optional.empty();
  }

  @Override
  public String toString() {
    return value;
  }
}
