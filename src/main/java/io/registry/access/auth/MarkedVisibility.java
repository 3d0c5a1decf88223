package io.registry.access.auth;

import io.registry.content.repository.Repositories;
import io.registry.content.repository.RepositoryName;

/**
 * Reads the visibility of repositories from the marks that the original wrote to the store: a
 * repository with a mark is private, every other one is public.
 */
public final class MarkedVisibility implements RepositoryVisibility {
  private final Repositories repositories;

  /** Reads the marks of the given repositories. */
  public MarkedVisibility(Repositories repositories) {
    this.repositories = repositories;
  }

  @Override
  public boolean isPrivate(RepositoryName repository) {
    return repositories.isPrivate(repository);
  }

  @Override
  public void setPrivate(RepositoryName repository, boolean isPrivate) {
    repositories.setPrivate(repository, isPrivate);
  }
}
