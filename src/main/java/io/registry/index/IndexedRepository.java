package io.registry.index;

import io.registry.repository.RepositoryName;

/**
 * A repository that the index has recorded.
 *
 * @param name its name
 * @param visibility its visibility
 */
public record IndexedRepository(RepositoryName name, Visibility visibility) {}
