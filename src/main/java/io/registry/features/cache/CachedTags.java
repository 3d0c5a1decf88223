package io.registry.features.cache;

import io.registry.content.image.ImageId;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TagChange;
import io.registry.content.repository.TagMetadata;
import io.registry.content.repository.TagName;
import io.registry.content.repository.TagState;
import io.registry.content.repository.Tags;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Caches the tags of repositories. Code that sets or removes tags must do so through the {@link
 * RepositoryCache}.
 */
public final class CachedTags implements Tags {
  private final Tags stored;
  private final RepositoryCache cache;

  /**
   * Creates a cached view.
   *
   * @param stored reads and changes the store
   * @param cache the cache
   */
  public CachedTags(Tags stored, RepositoryCache cache) {
    this.stored = stored;
    this.cache = cache;
  }

  @Override
  public Optional<Map<String, ImageId>> list(RepositoryName repository) {
    return cache.get(
        repository,
        RepositoryParts.TAGS,
        () -> stored.list(repository).map(Collections::unmodifiableMap));
  }

  @Override
  public Optional<ImageId> get(RepositoryName repository, TagName tag) {
    return cache.get(repository, RepositoryParts.tag(tag), () -> stored.get(repository, tag));
  }

  @Override
  public Optional<TagState> state(RepositoryName repository, TagName tag) {
    return stored.state(repository, tag);
  }

  @Override
  public void set(RepositoryName repository, TagName tag, TagChange change) {
    stored.set(repository, tag, change);
  }

  @Override
  public boolean remove(RepositoryName repository, TagName tag) {
    return stored.remove(repository, tag);
  }

  @Override
  public boolean removeIf(RepositoryName repository, TagName tag, Predicate<ImageId> condition) {
    return stored.removeIf(repository, tag, condition);
  }

  @Override
  public TagMetadata metadata(RepositoryName repository, TagName tag) {
    return stored.metadata(repository, tag);
  }

  @Override
  public TagMetadata metadata(RepositoryName repository) {
    return stored.metadata(repository);
  }
}
