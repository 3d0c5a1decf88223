package io.registry.content.repository;

import java.util.Optional;

/**
 * A value that may be outdated.
 *
 * @param value the value; empty when there is none
 * @param isStale whether the value may be outdated or incomplete, because the source of a mirror
 *     does not answer
 * @param <V> the type of the value
 */
public record MaybeStale<V>(Optional<V> value, boolean isStale) {}
