package io.registry.cache;

import io.registry.image.ImageFinding;
import io.registry.image.ImageId;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Remembers one thing of each image, at several levels: the nearest is asked first, and what only
 * one further away knows is passed on to those before it.
 *
 * @param <V> what is remembered
 */
final class ImageMemory<V> {
  private final String name;
  private final CacheLease lease;
  private final List<CacheLevel> levels;
  private final CacheMeters meters;
  private final SingleFlight<ImageId, V> singleFlight = new SingleFlight<>();

  /**
   * A memory.
   *
   * @param name what it counts as in the metrics
   * @param lease tells in which epoch to remember
   * @param levels nearest first; none to remember nothing
   * @param meters counts
   */
  ImageMemory(String name, CacheLease lease, List<CacheLevel> levels, CacheMeters meters) {
    this.name = name;
    this.lease = lease;
    this.levels = List.copyOf(levels);
    this.meters = meters;
  }

  /**
   * Gets it, from memory or else from the store.
   *
   * @param id the image
   * @param look reads it so that it may be remembered when it is whole
   * @param glance reads it when nothing is remembered anyway
   * @return what was remembered or read
   */
  V get(ImageId id, Supplier<ImageFinding<V>> look, Supplier<V> glance) {
    Attempt attempt = new Attempt(id, look, glance);
    V value = singleFlight.get(id, attempt::find, attempt::load);
    attempt.count();
    return value;
  }

  /** Finds it, if it is remembered. */
  Optional<V> find(ImageId id) {
    return key(id).flatMap(this::recall);
  }

  // Nothing when nothing may be remembered now.
  private Optional<Key> key(ImageId id) {
    return levels.isEmpty()
        ? Optional.empty()
        : lease.usable().map(epoch -> new Key(epoch, epoch.id() + ":" + id));
  }

  private record Key(Epoch epoch, String name) {}

  private Optional<V> recall(Key key) {
    for (int level = 0; level < levels.size(); level++) {
      // A memory holds values of one type only.
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

  /** One thread's way to an answer. */
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

    // Under the epoch of before the store was read: should it have ended since, nobody finds it.
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
