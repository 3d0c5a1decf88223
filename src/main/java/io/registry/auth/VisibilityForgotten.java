package io.registry.auth;

import io.registry.repository.RepositoryName;

/** What was known of who sees a repository is forgotten, so that it may be another answer now. */
public record VisibilityForgotten(RepositoryName repository) {}
