package io.registry.cache;

import io.registry.image.ImageId;
import io.registry.repository.ImageLists;
import io.registry.repository.RepositoryName;
import java.util.Optional;
import java.util.Set;

/**
 * Image lists that are remembered once they were read. Those who change them announce it to the
 * {@link RepositoryCache} themselves.
 */
public final class CachedImageLists implements ImageLists {
  private final ImageLists stored;
  private final RepositoryCache cache;

  /**
   * Image lists that are remembered.
   *
   * @param stored reads and changes the store
   * @param cache remembers
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
