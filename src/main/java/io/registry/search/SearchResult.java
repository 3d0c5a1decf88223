package io.registry.search;

import io.registry.repository.RepositoryName;

/**
 * A repository that was found.
 *
 * @param repository its name
 * @param description a text for people, which may be empty
 */
public record SearchResult(RepositoryName repository, String description) {}
