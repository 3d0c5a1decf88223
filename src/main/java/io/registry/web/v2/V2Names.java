package io.registry.web.v2;

import io.registry.bridge.ServedNames;
import io.registry.content.manifest.Digest;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TagName;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import java.util.Optional;

/**
 * Names as V2 writes them (OCI distribution-spec, pulling manifests). V1 allows more: a repository
 * or tag that V2's grammar cannot express is reached over V1 only.
 */
final class V2Names {
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
    return Optional.of(name).filter(ServedNames::isName).map(RepositoryName::parse);
  }

  /** How V2 writes the name of a repository; nothing when it cannot. */
  static Optional<String> name(RepositoryName repository) {
    return ServedNames.name(repository);
  }

  static boolean isTag(String tag) {
    return ServedNames.isTag(tag);
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
