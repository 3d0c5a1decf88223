package io.registry.features.cache;

import io.registry.content.image.ImageId;
import io.registry.content.repository.ImageLists;
import io.registry.content.repository.RepositoryName;
import java.util.Optional;
import java.util.Set;

/**
 * Caches the image lists of repositories. Code that changes a list must do so through the {@link
 * RepositoryCache}.
 */
public final class CachedImageLists implements ImageLists {
  private final ImageLists stored;
  private final RepositoryCache cache;

  /**
   * Creates a cached view.
   *
   * @param stored reads and changes the store
   * @param cache the cache
   */
  public CachedImageLists(ImageLists stored, RepositoryCache cache) {
    this.stored = stored;
    this.cache = cache;
  }

  @Override
  public Optional<byte[]> get(RepositoryName repository) {
    return cache.get(repository, RepositoryParts.IMAGE_LIST, () -> stored.get(repository));
  }

  @Override
  public Set<ImageId> add(RepositoryName repository, byte[] json) {
    return stored.add(repository, json);
  }

  @Override
  public void remove(RepositoryName repository) {
    stored.remove(repository);
  }
}
