package io.registry.web.v2;

import io.registry.manifest.Digest;
import io.registry.problem.Problem;
import io.registry.problem.RegistryException;
import io.registry.repository.RepositoryName;
import io.registry.repository.TagName;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Names as V2 writes them (OCI distribution-spec, pulling manifests). V1 allows more: a repository
 * or tag that V2's grammar cannot express is reached over V1 only.
 */
final class V2Names {
  private static final int MAX_NAME = 255;
  private static final String COMPONENT = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*+";
  private static final Pattern NAME = Pattern.compile(COMPONENT + "(?:/" + COMPONENT + ")*+");
  private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");
  private static final String DEFAULT = RepositoryName.DEFAULT_NAMESPACE + "/";

  private V2Names() {}

  /**
   * The repository with a name.
   *
   * @throws RegistryException {@code INVALID} when V2 has no such names
   */
  static RepositoryName repository(String name) {
    return find(name)
        .orElseThrow(
            () ->
                new V2Exception(
                    Problem.INVALID, ErrorCode.NAME_INVALID, "The repository name is not valid"));
  }

  /** The repository with a name; nothing when V2 has no such names. */
  static Optional<RepositoryName> find(String name) {
    return name.length() <= MAX_NAME && NAME.matcher(name).matches()
        ? Optional.of(RepositoryName.parse(name))
        : Optional.empty();
  }

  /** How V2 writes the name of a repository; nothing when it cannot. */
  static Optional<String> name(RepositoryName repository) {
    String full = repository.toString();
    String name = full.startsWith(DEFAULT) ? full.substring(DEFAULT.length()) : full;
    // Written without its namespace, library/a/b would be the repository b of the namespace a.
    String unique = name.indexOf('/') < 0 ? name : full;
    return unique.length() <= MAX_NAME && NAME.matcher(unique).matches()
        ? Optional.of(unique)
        : Optional.empty();
  }

  static boolean isTag(String tag) {
    return TAG.matcher(tag).matches();
  }

  /** The tag that a reference names; nothing when it cannot be a tag. */
  static Optional<TagName> tag(String reference) {
    return isTag(reference) ? TagName.find(reference) : Optional.empty();
  }

  /**
   * The digest that a reference names.
   *
   * @throws RegistryException {@code INVALID} when it is not one
   */
  static Digest digest(String reference) {
    return Digest.find(reference)
        .orElseThrow(
            () ->
                new V2Exception(
                    Problem.INVALID, ErrorCode.DIGEST_INVALID, "The digest is not valid"));
  }
}
