package io.registry.features.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.registry.content.repository.RepositoryName;
import io.registry.platform.concurrent.MonotonicClock;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.util.unit.DataSize;

/**
 * Caches repositories in the memory of this process only. Repositories are hashed to a fixed number
 * of slots that count changes; a change of one repository also invalidates the others in its slot.
 */
final class MemoryRepositoryEntries implements RepositoryEntries {
  private static final int PLACES = 4096;

  /** The approximate size in bytes of the keys and the bookkeeping of an entry. */
  private static final int ENTRY = 400;

  private final String holder = "process " + UUID.randomUUID();
  private final MonotonicClock clock;
  private final Place[] places = new Place[PLACES];
  private final Cache<Key, Entry> entries;

  /**
   * Creates an empty cache.
   *
   * @param ttl how long an entry is kept
   * @param memory the approximate limit of heap that it takes
   * @param clock measures the age of entries
   */
  MemoryRepositoryEntries(Duration ttl, DataSize memory, MonotonicClock clock) {
    this.clock = clock;
    Arrays.setAll(places, i -> new Place());
    this.entries =
        Caffeine.newBuilder()
            .maximumWeight(memory.toBytes())
            .weigher((Key key, Entry entry) -> ENTRY + entry.weight())
            .expireAfterWrite(ttl)
            .ticker(clock::nanos)
            .recordStats()
            .build();
  }

  /** The underlying cache, for metrics. */
  Cache<?, ?> memory() {
    return entries;
  }

  /** Counts the changes to the repositories of a slot, and knows which changes are in progress. */
  private static final class Place {
    private final Map<String, Long> changes = new HashMap<>();
    private long count;

    synchronized Optional<String> token(long now) {
      return isAtRest(now) ? Optional.of(Long.toString(count)) : Optional.empty();
    }

    synchronized boolean isUnchangedSince(String token, long now) {
      return isAtRest(now) && Long.toString(count).equals(token);
    }

    private boolean isAtRest(long now) {
      changes.values().removeIf(begun -> now - begun >= LONGEST_CHANGE.toNanos());
      return changes.isEmpty();
    }

    synchronized void block(String change, long now) {
      count++;
      changes.put(change, now);
    }

    synchronized void unblock(String change) {
      count++;
      changes.remove(change);
    }
  }

  private record Key(String epoch, RepositoryName repository, String part) {}

  /**
   * A cached value.
   *
   * @param value the value
   * @param token of the state in which it was read
   * @param weight its size in bytes
   */
  private record Entry(Object value, String token, int weight) {}

  @Override
  public Optional<String> holder() {
    return Optional.of(holder);
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
    if (!isHolderOf(epoch)) {
      return Recall.none();
    }
    Place place = place(repository);
    // A part is always read with the type that it was stored with.
    @SuppressWarnings("unchecked")
    Optional<V> value =
        (Optional<V>)
            Optional.ofNullable(entries.getIfPresent(key(epoch, repository, part)))
                .filter(entry -> place.isUnchangedSince(entry.token(), clock.nanos()))
                .map(Entry::value);
    return new Recall<>(value, place.token(clock.nanos()));
  }

  @Override
  public <V> void remember(
      Epoch epoch, RepositoryName repository, String token, CachePart<V> part, V value) {
    if (place(repository).isUnchangedSince(token, clock.nanos())) {
      // If the repository changes in this moment, the token does not match and the entry is never
      // found.
      entries.put(
          key(epoch, repository, part), new Entry(value, token, part.codec().weight(value)));
    }
  }

  @Override
  public boolean block(Epoch epoch, RepositoryName repository, String change) {
    place(repository).block(change, clock.nanos());
    return isHolderOf(epoch);
  }

  @Override
  public boolean unblock(Epoch epoch, RepositoryName repository, String change) {
    place(repository).unblock(change);
    return isHolderOf(epoch);
  }

  private boolean isHolderOf(Epoch epoch) {
    return epoch.holder().equals(holder());
  }

  private static Key key(Epoch epoch, RepositoryName repository, CachePart<?> part) {
    return new Key(epoch.id(), repository, part.name());
  }

  private Place place(RepositoryName repository) {
    return places[Math.floorMod(repository.hashCode(), PLACES)];
  }
}
