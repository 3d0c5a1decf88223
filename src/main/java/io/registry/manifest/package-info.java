/**
 * Content that is addressed by its digest: digests, media types and descriptors (OCI image-spec).
 */
@NullMarked
package io.registry.manifest;

import org.jspecify.annotations.NullMarked;
