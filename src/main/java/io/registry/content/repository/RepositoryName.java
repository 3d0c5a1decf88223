package io.registry.content.repository;

import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.platform.problem.Subject;
import io.registry.storage.BlobKey;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The name of a repository (protocol 2.0). It admits every name that the original could store:
 * printable ASCII, with slashes in the second part.
 *
 * @param namespace the part before the first slash
 * @param name the rest, which may contain slashes
 */
public record RepositoryName(String namespace, String name) {
  /** The namespace of names without one. */
  public static final String DEFAULT_NAMESPACE = "library";

  private static final Pattern PART = Pattern.compile("[ -.0-\\[\\]-~]+");

  /**
   * Validates the name.
   *
   * @throws RegistryException when a part is empty, a dot name, too long for the store, or contains
   *     anything but printable ASCII without backslashes
   */
  public RepositoryName {
    boolean valid = isPart(namespace);
    for (String part : name.split("/", -1)) {
      valid &= isPart(part);
    }
    if (!valid
        || encode(namespace).length() > BlobKey.MAX_COMPONENT
        || encode(encode(name)).length() > BlobKey.MAX_COMPONENT) {
      throw new RegistryException(Problem.INVALID, Subject.REPOSITORY, "Invalid repository name");
    }
  }

  /**
   * Creates a name from two parts.
   *
   * @return the name; empty when it is not valid
   */
  static Optional<RepositoryName> find(String namespace, String name) {
    try {
      return Optional.of(new RepositoryName(namespace, name));
    } catch (RegistryException e) {
      return Optional.empty();
    }
  }

  /**
   * Parses a name as clients write it.
   *
   * @param text {@code name} or {@code namespace/name}
   * @return the name; {@code solo} is {@code library/solo}
   * @throws RegistryException when it is not valid
   */
  public static RepositoryName parse(String text) {
    int slash = text.indexOf('/');
    return slash < 0
        ? new RepositoryName(DEFAULT_NAMESPACE, text)
        : new RepositoryName(text.substring(0, slash), text.substring(slash + 1));
  }

  /**
   * The name with slashes and special characters percent-encoded, as in tokens and folder names.
   */
  public String encodedName() {
    return encode(name);
  }

  /**
   * The folder for files about the repository that are not among its own.
   *
   * @param root the folder for such files of all repositories
   */
  public BlobKey folderIn(BlobKey root) {
    return root.child(encode(namespace)).child(encode(encodedName()));
  }

  /** Encodes like Python's quote_plus, which the original used (protocol 5.3). */
  static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("*", "%2A");
  }

  private static boolean isPart(String part) {
    return PART.matcher(part).matches() && !part.equals(".") && !part.equals("..");
  }

  @Override
  public String toString() {
    return namespace + "/" + name;
  }
}
