package io.registry.access.auth;

import io.registry.content.repository.RepositoryName;

/** The event that a repository's cached visibility is invalid, because it may have changed. */
public record VisibilityForgotten(RepositoryName repository) {}
