package io.registry.features.cache;

import io.registry.content.repository.RepositoryChanges;
import io.registry.content.repository.RepositoryName;
import io.registry.features.cache.RepositoryEntries.Recall;
import io.registry.platform.concurrent.SingleFlight;
import io.registry.storage.StorageException;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Caches parts of repositories, and never returns data that is older than an acknowledged change by
 * any process on the store (docs/decisions/0004).
 */
public final class RepositoryCache implements RepositoryChanges {
  private final CacheLease lease;
  private final RepositoryEntries entries;
  private final CacheMeters meters;
  private final SingleFlight<Question, Optional<?>> singleFlight = new SingleFlight<>();

  RepositoryCache(CacheLease lease, RepositoryEntries entries, CacheMeters meters) {
    this.lease = lease;
    this.entries = entries;
    this.meters = meters;
  }

  private record Question(RepositoryName repository, String part) {}

  /**
   * Gets a part of a repository, from the cache or else from the store.
   *
   * @param repository the repository
   * @param part the part
   * @param store reads it from the store
   * @return the part; empty when the store has none, which is not cached
   */
  <V> Optional<V> get(RepositoryName repository, CachePart<V> part, Supplier<Optional<V>> store) {
    Attempt<V> attempt = new Attempt<>(repository, part, store);
    // All answers for one key have the same type.
    @SuppressWarnings("unchecked")
    Optional<V> answer =
        (Optional<V>)
            singleFlight.get(
                new Question(repository, part.name()), () -> attempt.find(), () -> attempt.load());
    attempt.count();
    return answer;
  }

  /** The state of one call of {@link #get}. */
  private final class Attempt<V> {
    private final RepositoryName repository;
    private final CachePart<V> part;
    private final Supplier<Optional<V>> store;
    private Optional<Epoch> epoch = Optional.empty();
    private Optional<String> token = Optional.empty();
    private boolean found;

    Attempt(RepositoryName repository, CachePart<V> part, Supplier<Optional<V>> store) {
      this.repository = repository;
      this.part = part;
      this.store = store;
    }

    Optional<Optional<?>> find() {
      epoch = entries.holder().flatMap(holder -> lease.usable());
      Recall<V> recall =
          epoch.map(now -> entries.find(now, repository, part)).orElseGet(Recall::none);
      token = recall.token();
      found = recall.value().isPresent() && lease.isCurrent(epoch.orElseThrow());
      return found ? Optional.of(recall.value()) : Optional.empty();
    }

    Optional<?> load() {
      Optional<V> value = meters.load(part.cache(), store);
      if (value.isPresent() && token.isPresent()) {
        entries.remember(epoch.orElseThrow(), repository, token.get(), part, value.get());
      }
      return value;
    }

    void count() {
      if (found) {
        meters.hit(part.cache());
      } else {
        meters.miss(part.cache());
      }
    }
  }

  @Override
  public <V> V call(RepositoryName repository, Supplier<V> change) {
    String name = UUID.randomUUID().toString();
    announce(repository, name, epoch -> entries.block(epoch, repository, name));
    boolean open = false;
    try {
      return change.get();
    } catch (StorageException e) {
      // A write that failed may still reach the store. Until then nothing is cached.
      open = true;
      throw e;
    } finally {
      if (!open) {
        announce(repository, name, epoch -> entries.unblock(epoch, repository, name));
      }
    }
  }

  // Returns when all caches know of the change: the holder of the epoch was told, and the epoch was
  // still the current one afterwards.
  private void announce(RepositoryName repository, String change, Predicate<Epoch> tell) {
    boolean done = false;
    boolean recovered = false;
    try {
      while (!done) {
        Epoch epoch = lease.settled();
        // Sent in any case: the holder of an epoch that has ended may still know of the change.
        boolean told = tell.test(epoch) || epoch.holder().isEmpty();
        if (!told && (recovered || !entries.recover())) {
          lease.retire(epoch);
        }
        recovered |= !told;
        done = told && lease.isCurrent(epoch);
      }
    } finally {
      if (!done) {
        entries.unblock(Epoch.NONE, repository, change);
      }
    }
  }
}
