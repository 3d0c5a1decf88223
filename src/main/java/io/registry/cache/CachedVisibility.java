package io.registry.cache;

import io.registry.auth.RepositoryVisibility;
import io.registry.repository.RepositoryName;
import java.util.Optional;

/**
 * Which repositories are private, remembered once it was looked up. Whoever changes it announces it
 * to the {@link RepositoryCache} himself.
 */
public final class CachedVisibility implements RepositoryVisibility {
  private final RepositoryVisibility stored;
  private final RepositoryCache cache;

  /**
   * Visibility that is remembered.
   *
   * @param stored reads and changes the store
   * @param cache remembers
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
