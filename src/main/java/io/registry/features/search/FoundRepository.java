package io.registry.features.search;

import io.registry.content.repository.RepositoryName;

/**
 * The state of a repository as read from the store.
 *
 * @param repository the repository
 * @param present whether it exists
 * @param isPrivate whether it is private
 * @param wasRemoved whether it is known to have been removed since, so that an existing one is new
 */
record FoundRepository(
    RepositoryName repository, boolean present, boolean isPrivate, boolean wasRemoved) {}
