package io.registry.search;

import io.registry.repository.RepositoryName;

/**
 * A repository in the index.
 *
 * @param repository the repository
 * @param isPrivate whether only some see it
 * @param description a text for people, which may be empty
 * @param present whether it is there still
 * @param revision grows with each change of any row
 */
record IndexRow(
    RepositoryName repository,
    boolean isPrivate,
    String description,
    boolean present,
    long revision) {}
