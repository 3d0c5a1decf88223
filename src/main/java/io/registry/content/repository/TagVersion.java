package io.registry.content.repository;

import java.time.Instant;

/**
 * What a tag named before.
 *
 * @param id names the version among those of the tag
 * @param state what the tag named
 * @param ended when the tag was moved or removed
 * @param wasRemoved whether it was removed, and not moved
 */
public record TagVersion(String id, TagState state, Instant ended, boolean wasRemoved) {}
