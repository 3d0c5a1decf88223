package io.registry.access.auth;

import io.registry.content.repository.RepositoryName;

/** Stores which repositories are private. */
public interface RepositoryVisibility {

  /** Whether a repository, which need not exist, is private. */
  boolean isPrivate(RepositoryName repository);

  /** Makes a repository, which need not exist, private or public. */
  void setPrivate(RepositoryName repository, boolean isPrivate);
}
