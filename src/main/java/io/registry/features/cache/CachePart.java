package io.registry.features.cache;

/**
 * A part of a repository that is cached on its own.
 *
 * @param name the name of the part within its repository
 * @param cache the name of the cache in the metrics
 * @param codec serializes it
 * @param <V> its type
 */
record CachePart<V>(String name, String cache, Codec<V> codec) {}
