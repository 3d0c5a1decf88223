package io.registry.features.cache;

import io.registry.content.repository.RepositoryName;
import java.util.Optional;

/** A cache of repositories that stores nothing. */
final class NoRepositoryEntries implements RepositoryEntries {
  @Override
  public Optional<String> holder() {
    return Optional.empty();
  }

  @Override
  public boolean isShared() {
    return false;
  }

  @Override
  public boolean recover() {
    return false;
  }

  @Override
  public <V> Recall<V> find(Epoch epoch, RepositoryName repository, CachePart<V> part) {
    return Recall.none();
  }

  @Override
  public <V> void remember(
      Epoch epoch, RepositoryName repository, String token, CachePart<V> part, V value) {}

  @Override
  public boolean block(Epoch epoch, RepositoryName repository, String change) {
    return false;
  }

  @Override
  public boolean unblock(Epoch epoch, RepositoryName repository, String change) {
    return false;
  }
}
