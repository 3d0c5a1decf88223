package io.registry.mirror;

import io.registry.repository.RepositoryName;

/**
 * A repository that the source of a mirror finds.
 *
 * @param repository its name
 * @param description a text for people, which may be empty
 * @param stars how many like it
 * @param official whether its index says that it is official
 * @param automated whether its index says that it is built there
 */
public record SourceResult(
    RepositoryName repository,
    String description,
    int stars,
    boolean official,
    boolean automated) {}
