package io.registry.features.cache;

/**
 * A cached value with its key, so that a value which turns up under another key is detected.
 *
 * @param key the key
 * @param value the value
 * @param <V> the type of the value
 */
record CacheEntry<V>(String key, V value) {
  /** The approximate size in bytes, by the codec of the value. */
  int weight(Codec<V> values) {
    return 2 * key.length() + values.weight(value);
  }
}
