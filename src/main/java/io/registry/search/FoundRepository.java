package io.registry.search;

import io.registry.repository.RepositoryName;

/**
 * What a look at the store says of a repository.
 *
 * @param repository the repository
 * @param present whether it is there
 * @param isPrivate whether only some see it
 * @param wasRemoved whether it is known to have been gone meanwhile, so that it is another one
 */
record FoundRepository(
    RepositoryName repository, boolean present, boolean isPrivate, boolean wasRemoved) {}
