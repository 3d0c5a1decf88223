package io.registry.features.search;

import io.registry.content.repository.RepositoryName;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** The descriptions of repositories. A removed repository loses its description. */
public final class Descriptions {
  private static final int LONGEST = 255;

  private final IndexRows rows;
  private final StoreReader looks;

  Descriptions(IndexRows rows, StoreReader looks) {
    this.rows = rows;
    this.looks = looks;
  }

  /**
   * The description of a repository, which may be empty; empty {@code Optional} when there is no
   * such repository.
   */
  public Optional<String> get(RepositoryName repository) {
    return rows.description(repository)
        .or(() -> index(repository) ? rows.description(repository) : Optional.empty());
  }

  /**
   * Sets the description of a repository.
   *
   * @throws RegistryException {@code INVALID} when the text cannot be shown in one line, {@code
   *     NOT_FOUND} when there is no such repository
   */
  public void set(RepositoryName repository, String description) {
    if (description.length() > LONGEST
        || description.chars().anyMatch(Character::isISOControl)
        || !StandardCharsets.UTF_8.newEncoder().canEncode(description)) {
      throw new RegistryException(
          Problem.INVALID,
          "A description has " + LONGEST + " characters at most, and no control characters");
    }
    boolean described =
        rows.describe(repository, description)
            || (index(repository) && rows.describe(repository, description));
    if (!described) {
      throw new RegistryException(Problem.NOT_FOUND, "Repository not found");
    }
  }

  // A new repository may not be in the index yet.
  private boolean index(RepositoryName repository) {
    long base = rows.progress().revision();
    FoundRepository found = looks.at(new ChangedRepositories.Hint(repository, false));
    if (found.present()) {
      rows.write(base, 0, List.of(found));
    }
    return found.present();
  }
}
