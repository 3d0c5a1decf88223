package io.registry.access.index;

import io.registry.access.auth.RepositoryVisibility;
import io.registry.access.auth.VisibilityForgotten;
import io.registry.content.repository.Repositories;
import io.registry.content.repository.RepositoryName;
import java.util.function.Consumer;

/**
 * The visibility of repositories: as recorded in the index, otherwise as marked by the original in
 * the store, otherwise the default.
 */
final class RepositoryVisibilities implements RepositoryVisibility {
  private final IndexedRepositories indexed;
  private final Repositories stored;
  private final Visibility otherwise;
  private final boolean mirrors;
  private final Consumer<VisibilityForgotten> listener;

  RepositoryVisibilities(
      IndexedRepositories indexed,
      Repositories stored,
      Visibility otherwise,
      boolean mirrors,
      Consumer<VisibilityForgotten> listener) {
    this.listener = listener;
    this.indexed = indexed;
    this.stored = stored;
    this.otherwise = otherwise;
    this.mirrors = mirrors;
  }

  /**
   * Whether a repository is private. One that does not exist counts as private: otherwise a client
   * could tell a private repository from none. On a mirror it may exist at the source.
   */
  @Override
  public boolean isPrivate(RepositoryName repository) {
    return indexed
        .visibility(repository)
        .map(visibility -> visibility == Visibility.PRIVATE)
        .orElseGet(
            () ->
                unindexed(repository) == Visibility.PRIVATE
                    || !(mirrors || stored.exists(repository)));
  }

  private Visibility unindexed(RepositoryName repository) {
    return otherwise == Visibility.PUBLIC && stored.isPrivate(repository)
        ? Visibility.PRIVATE
        : otherwise;
  }

  /** Writes to the store, too, so that an operator can go back to the original. */
  @Override
  public void setPrivate(RepositoryName repository, boolean isPrivate) {
    indexed.setVisibility(repository, isPrivate ? Visibility.PRIVATE : Visibility.PUBLIC);
    stored.setPrivate(repository, isPrivate);
  }

  /** Records a repository that a client is about to push and that may be new. */
  void created(RepositoryName repository) {
    indexed.createIfAbsent(repository, unindexed(repository));
  }

  /** Removes the record of a repository. */
  void removed(RepositoryName repository) {
    indexed.remove(repository);
    listener.accept(new VisibilityForgotten(repository));
  }
}
