package io.registry.cache;

/**
 * Something of a repository that is remembered on its own.
 *
 * @param name of the part within its repository
 * @param cache what it counts as in the metrics
 * @param codec makes bytes of it and back
 * @param <V> what it is
 */
record CachePart<V>(String name, String cache, Codec<V> codec) {}
