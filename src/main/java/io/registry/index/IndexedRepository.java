package io.registry.index;

import io.registry.repository.RepositoryName;

/**
 * A repository that the index knows.
 *
 * @param name its name
 * @param visibility who sees it
 */
public record IndexedRepository(RepositoryName name, Visibility visibility) {}
