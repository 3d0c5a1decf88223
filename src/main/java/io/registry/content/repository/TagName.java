package io.registry.content.repository;

import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.platform.problem.Subject;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The name of a tag. Old releases accepted nearly any name, so that a name that can be read need
 * not be allowed for new tags.
 *
 * @param value the name
 */
public record TagName(String value) {
  private static final Pattern ALLOWED = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");
  private static final Pattern STORABLE = Pattern.compile("[ -.0-~]{1,128}");
  private static final int MAX_ENCODED = 240;

  /** The default tag. */
  public static final TagName LATEST = new TagName("latest");

  /**
   * Validates that a store can contain a tag of that name.
   *
   * @throws RegistryException when it cannot
   */
  public TagName {
    if (!isStorable(value)) {
      throw invalid();
    }
  }

  /**
   * The name of a tag that may exist.
   *
   * @param text any text
   * @return the name; empty when no store can contain a tag of that name
   */
  public static Optional<TagName> find(String text) {
    return isStorable(text) ? Optional.of(new TagName(text)) : Optional.empty();
  }

  private static boolean isStorable(String value) {
    return STORABLE.matcher(value).matches()
        && RepositoryName.encode(value).length() <= MAX_ENCODED;
  }

  /**
   * Requires that the name is allowed for new tags (protocol 1).
   *
   * @throws RegistryException when it is not
   */
  public void requireAllowed() {
    if (!ALLOWED.matcher(value).matches()) {
      throw invalid();
    }
  }

  /** The name of a file about the tag. */
  public String file() {
    return "tag_" + RepositoryName.encode(value);
  }

  private static RegistryException invalid() {
    return new RegistryException(
        Problem.INVALID, Subject.TAG, "Invalid tag name (must match ^[\\w][\\w.-]{0,127}$)");
  }

  @Override
  public String toString() {
    return value;
  }
}
