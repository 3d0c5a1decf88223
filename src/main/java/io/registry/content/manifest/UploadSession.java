package io.registry.content.manifest;

import io.registry.content.repository.RepositoryName;

/**
 * An upload of a blob (OCI distribution-spec, pushing a blob in chunks).
 *
 * @param id which the client returns with each request of the upload
 * @param repository where the blob goes
 * @param owner who began it: only the same client goes on with it
 */
public record UploadSession(String id, RepositoryName repository, String owner) {}
