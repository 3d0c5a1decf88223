package io.registry.auth;

import io.registry.repository.Repositories;
import io.registry.repository.RepositoryName;

/** Repositories are private that the original marked so in the store, and all others public. */
public final class MarkedVisibility implements RepositoryVisibility {
  private final Repositories repositories;

  /** The marks of these repositories. */
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
