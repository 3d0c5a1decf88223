package io.registry.features.search;

import io.registry.content.repository.RepositoryName;

/**
 * The row of a repository in the index.
 *
 * @param repository the repository
 * @param isPrivate whether it is private
 * @param description the description, which may be empty
 * @param present whether it still exists
 * @param revision grows with each change of any row
 */
record IndexRow(
    RepositoryName repository,
    boolean isPrivate,
    String description,
    boolean present,
    long revision) {}
