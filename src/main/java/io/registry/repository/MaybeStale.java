package io.registry.repository;

import java.util.Optional;

/**
 * What was found, and how good that is.
 *
 * @param value what was found, if anything
 * @param isStale whether who knows better does not answer, so that it may be out of date or not all
 * @param <V> what it is
 */
public record MaybeStale<V>(Optional<V> value, boolean isStale) {}
