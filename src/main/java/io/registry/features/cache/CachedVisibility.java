package io.registry.features.cache;

import io.registry.access.auth.RepositoryVisibility;
import io.registry.content.repository.RepositoryName;
import java.util.Optional;

/**
 * Caches which repositories are private. Code that changes the visibility must do so through the
 * {@link RepositoryCache}.
 */
public final class CachedVisibility implements RepositoryVisibility {
  private final RepositoryVisibility stored;
  private final RepositoryCache cache;

  /**
   * Creates a cached view.
   *
   * @param stored reads and changes the store
   * @param cache the cache
   */
  public CachedVisibility(RepositoryVisibility stored, RepositoryCache cache) {
    this.stored = stored;
    this.cache = cache;
  }

  @Override
  public boolean isPrivate(RepositoryName repository) {
    return cache
        .get(repository, RepositoryParts.PRIVATE, () -> Optional.of(stored.isPrivate(repository)))
        .orElseThrow();
  }

  @Override
  public void setPrivate(RepositoryName repository, boolean isPrivate) {
    stored.setPrivate(repository, isPrivate);
  }
}
