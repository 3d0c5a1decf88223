package io.registry.access.index;

import io.registry.content.repository.RepositoryName;

/**
 * A repository that the index has recorded.
 *
 * @param name its name
 * @param visibility its visibility
 */
public record IndexedRepository(RepositoryName name, Visibility visibility) {}
