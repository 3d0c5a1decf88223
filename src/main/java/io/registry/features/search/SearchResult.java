package io.registry.features.search;

import io.registry.content.repository.RepositoryName;

/**
 * A repository in a search result.
 *
 * @param repository its name
 * @param description its description, which may be empty
 */
public record SearchResult(RepositoryName repository, String description) {}
