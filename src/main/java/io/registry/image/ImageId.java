package io.registry.image;

import io.registry.problem.Problem;
import io.registry.problem.RegistryException;
import io.registry.problem.Subject;
import java.util.Optional;

/**
 * The name of an image, chosen by the client that pushes it (protocol 1).
 *
 * @param value 64 lower-case hexadecimal digits, or 16 as the original also admits
 */
public record ImageId(String value) {
  private static final int LENGTH = 64;
  private static final int SHORT_LENGTH = 16;

  /**
   * Checks the form.
   *
   * @throws RegistryException when it is not an image id
   */
  public ImageId {
    if (!hasForm(value)) {
      throw new RegistryException(Problem.NOT_FOUND, Subject.IMAGE, "Invalid image ID");
    }
  }

  /**
   * Reads an id out of data that may hold anything.
   *
   * @param text what may be an id
   * @return the id, or nothing when the text has not the form of one
   */
  public static Optional<ImageId> find(String text) {
    return hasForm(text) ? Optional.of(new ImageId(text)) : Optional.empty();
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
