package io.registry.auth;

import io.registry.repository.Repositories;
import io.registry.repository.RepositoryName;

/** Repositories are private that are marked so in the store, and all others public. */
final class MarkedVisibility implements RepositoryVisibility {
  private final Repositories repositories;

  MarkedVisibility(Repositories repositories) {
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
