package io.registry.upstream.mirror;

import io.registry.content.image.ImageId;
import io.registry.content.repository.MaybeStale;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TagChange;
import io.registry.content.repository.TagMetadata;
import io.registry.content.repository.TagName;
import io.registry.content.repository.TagState;
import io.registry.content.repository.Tags;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The tags of the local store, and the other tags of the source. When both have a tag of the same
 * name, the local one wins. Tags of the source are never written to the local store.
 */
final class MirroredTags implements Tags {
  private static final int BYTES_PER_TAG = 300;

  private final Tags local;
  private final V1Source source;
  private final MirrorMeters meters;
  private final AnswerCache<RepositoryName, Map<String, ImageId>> lists;
  private final AnswerCache<Key, ImageId> single;

  /** The key of a cached tag. */
  private record Key(RepositoryName repository, TagName tag) {}

  MirroredTags(Tags local, V1Source source, MirrorMemory memory, MirrorMeters meters) {
    this.local = local;
    this.source = source;
    this.meters = meters;
    this.lists = memory.of((repository, tags) -> tags.size() * BYTES_PER_TAG);
    this.single = memory.of((key, image) -> BYTES_PER_TAG);
  }

  @Override
  public MaybeStale<Map<String, ImageId>> lookUp(RepositoryName repository) {
    Optional<Map<String, ImageId>> here = local.list(repository);
    MaybeStale<Map<String, ImageId>> there = lists.get(repository, () -> source.tags(repository));
    meters.got("tags", here.isPresent());
    if (here.isEmpty() || there.value().isEmpty()) {
      return new MaybeStale<>(here.or(there::value), there.isStale());
    }
    Map<String, ImageId> all = new TreeMap<>(there.value().get());
    all.putAll(here.get());
    return new MaybeStale<>(Optional.of(all), there.isStale());
  }

  @Override
  public MaybeStale<ImageId> lookUp(RepositoryName repository, TagName tag) {
    Optional<ImageId> here = local.get(repository, tag);
    meters.got("tag", here.isPresent());
    return here.isPresent()
        ? new MaybeStale<>(here, false)
        : single.get(new Key(repository, tag), () -> source.tag(repository, tag));
  }

  @Override
  public Optional<Map<String, ImageId>> list(RepositoryName repository) {
    return lookUp(repository).value();
  }

  @Override
  public Optional<ImageId> get(RepositoryName repository, TagName tag) {
    return lookUp(repository, tag).value();
  }

  @Override
  public Optional<TagState> state(RepositoryName repository, TagName tag) {
    return local.state(repository, tag);
  }

  @Override
  public void set(RepositoryName repository, TagName tag, TagChange change) {
    local.set(repository, tag, change);
  }

  @Override
  public boolean remove(RepositoryName repository, TagName tag) {
    return local.remove(repository, tag);
  }

  @Override
  public boolean removeIf(RepositoryName repository, TagName tag, Predicate<ImageId> condition) {
    return local.removeIf(repository, tag, condition);
  }

  @Override
  public TagMetadata metadata(RepositoryName repository, TagName tag) {
    return local.metadata(repository, tag);
  }

  @Override
  public TagMetadata metadata(RepositoryName repository) {
    return local.metadata(repository);
  }
}
