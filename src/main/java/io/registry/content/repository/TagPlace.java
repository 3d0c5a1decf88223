package io.registry.content.repository;

import io.registry.storage.BlobKey;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The tag that a file is for by its name.
 *
 * @param repository the repository
 * @param tag the name of the tag, which need not be one that may be given today
 */
public record TagPlace(RepositoryName repository, String tag) {
  private static final Pattern SLASH = Pattern.compile("/");
  private static final int DEPTH = 4;

  /**
   * Reads the name of a file.
   *
   * @param file a file of a repository
   * @return nothing when the file is for no tag. The metadata of a tag may look like another tag
   */
  public static Optional<TagPlace> of(BlobKey file) {
    String[] parts = SLASH.split(file.path(), -1);
    if (parts.length != DEPTH || !parts[0].equals(RepositoryKeys.ROOT.path())) {
      return Optional.empty();
    }
    return RepositoryKeys.repositoryOf(parts[1], parts[2])
        .flatMap(
            repository ->
                RepositoryKeys.tagOf(parts[DEPTH - 1]).map(tag -> new TagPlace(repository, tag)));
  }
}
