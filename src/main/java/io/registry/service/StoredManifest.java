package io.registry.service;

import io.registry.content.manifest.Descriptor;
import io.registry.content.manifest.Digest;
import io.registry.content.manifest.Manifest;
import io.registry.content.repository.ManifestRef;
import io.registry.content.repository.RepositoryName;

/**
 * A manifest that a repository contains.
 *
 * @param manifest what it says
 * @param digest its digest
 * @param size in bytes
 */
record StoredManifest(RepositoryName repository, Manifest manifest, Digest digest, long size) {
  Descriptor descriptor() {
    return new Descriptor(manifest.mediaType(), digest, size);
  }

  ManifestRef ref() {
    return new ManifestRef(manifest.mediaType(), digest.toString(), size);
  }
}
