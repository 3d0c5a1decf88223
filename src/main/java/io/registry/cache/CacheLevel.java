package io.registry.cache;

import java.util.Optional;

/** One of the places where things are remembered. */
interface CacheLevel {
  /** What is remembered under a key, as far as this place can tell now. */
  Optional<CacheEntry<?>> find(String key);

  /** Remembers something, if this place can take it now. */
  void remember(CacheEntry<?> entry);
}
