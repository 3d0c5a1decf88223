/**
 * Content that is addressed by its digest, as clients push it over V2: blobs, upload sessions,
 * manifests, and what each repository contains (OCI image-spec, OCI distribution-spec).
 */
@NullMarked
package io.registry.content.manifest;

import org.jspecify.annotations.NullMarked;
