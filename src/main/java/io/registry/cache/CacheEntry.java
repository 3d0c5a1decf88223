package io.registry.cache;

/**
 * What is remembered, together with the key that it was remembered under, so that it is known again
 * when it turns up under another one.
 *
 * @param key the key
 * @param value what is remembered
 * @param <V> what that is
 */
record CacheEntry<V>(String key, V value) {
  /** About what it takes, in bytes; of the codec that belongs to its value. */
  int weight(Codec<V> values) {
    return 2 * key.length() + values.weight(value);
  }
}
