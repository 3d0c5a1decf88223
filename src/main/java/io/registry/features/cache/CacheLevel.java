package io.registry.features.cache;

import java.util.Optional;

/** A cache at one level: in memory or in Redis. */
interface CacheLevel {
  /** The entry of a key; empty when there is none or the cache is unavailable. */
  Optional<CacheEntry<?>> find(String key);

  /** Stores an entry, if the cache is available. */
  void remember(CacheEntry<?> entry);
}
