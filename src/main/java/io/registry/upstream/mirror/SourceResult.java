package io.registry.upstream.mirror;

import io.registry.content.repository.RepositoryName;

/**
 * A repository in a search result of the source.
 *
 * @param repository its name
 * @param description its description, which may be empty
 * @param stars its number of stars
 * @param official whether the index marks it as official
 * @param automated whether the index marks it as an automated build
 */
public record SourceResult(
    RepositoryName repository,
    String description,
    int stars,
    boolean official,
    boolean automated) {}
