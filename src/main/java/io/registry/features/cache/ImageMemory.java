package io.registry.features.cache;

import io.registry.content.image.ImageFinding;
import io.registry.content.image.ImageId;
import io.registry.platform.concurrent.SingleFlight;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Caches one kind of value per image at several levels. The nearest level is asked first; a value
 * that only a further level has is copied to the nearer ones.
 *
 * @param <V> the type of the values
 */
final class ImageMemory<V> {
  private final String name;
  private final CacheLease lease;
  private final List<CacheLevel> levels;
  private final CacheMeters meters;
  private final SingleFlight<ImageId, V> singleFlight = new SingleFlight<>();

  /**
   * Creates a cache.
   *
   * @param name its name in the metrics
   * @param lease knows the epoch in which values are cached
   * @param levels nearest first; empty to cache nothing
   * @param meters the metrics
   */
  ImageMemory(String name, CacheLease lease, List<CacheLevel> levels, CacheMeters meters) {
    this.name = name;
    this.lease = lease;
    this.levels = List.copyOf(levels);
    this.meters = meters;
  }

  /**
   * Gets the value of an image, from the cache or else from the store.
   *
   * @param id the image
   * @param look reads the value and whether the image is complete, so that the value may be cached
   * @param glance reads the value only; used when it cannot be cached
   * @return the value
   */
  V get(ImageId id, Supplier<ImageFinding<V>> look, Supplier<V> glance) {
    Attempt attempt = new Attempt(id, look, glance);
    V value = singleFlight.get(id, attempt::find, attempt::load);
    attempt.count();
    return value;
  }

  /** The cached value, if there is one. */
  Optional<V> find(ImageId id) {
    return key(id).flatMap(this::recall);
  }

  // Empty when nothing may be cached now.
  private Optional<Key> key(ImageId id) {
    return levels.isEmpty()
        ? Optional.empty()
        : lease.usable().map(epoch -> new Key(epoch, epoch.id() + ":" + id));
  }

  private record Key(Epoch epoch, String name) {}

  private Optional<V> recall(Key key) {
    for (int level = 0; level < levels.size(); level++) {
      // All values of a cache have the same type.
      @SuppressWarnings("unchecked")
      Optional<V> value =
          (Optional<V>)
              levels
                  .get(level)
                  .find(key.name())
                  .filter(entry -> entry.key().equals(key.name()))
                  .map(CacheEntry::value);
      if (value.isPresent()) {
        remember(key, value.get(), level);
        return value.filter(it -> lease.isCurrent(key.epoch()));
      }
    }
    return Optional.empty();
  }

  private void remember(Key key, V value, int before) {
    CacheEntry<V> entry = new CacheEntry<>(key.name(), value);
    levels.subList(0, before).forEach(level -> level.remember(entry));
  }

  /** The state of one call of {@link #get}. */
  private final class Attempt {
    private final ImageId id;
    private final Supplier<ImageFinding<V>> look;
    private final Supplier<V> glance;
    private Optional<Key> key = Optional.empty();
    private boolean found;

    Attempt(ImageId id, Supplier<ImageFinding<V>> look, Supplier<V> glance) {
      this.id = id;
      this.look = look;
      this.glance = glance;
    }

    Optional<V> find() {
      key = key(id);
      Optional<V> value = key.flatMap(ImageMemory.this::recall);
      found = value.isPresent();
      return value;
    }

    // Stores the value under the epoch from before the read: if that has ended since, the value is
    // never found.
    V load() {
      if (key.isEmpty()) {
        return meters.load(name, glance);
      }
      ImageFinding<V> found = meters.load(name, look);
      if (found.isWhole()) {
        remember(key.get(), found.value(), levels.size());
      }
      return found.value();
    }

    void count() {
      if (found) {
        meters.hit(name);
      } else {
        meters.miss(name);
      }
    }
  }
}
