/**
 * Serves images of the V1 store as content that is addressed by its digest: finds out the digests
 * of layers, and makes manifests and configurations.
 */
@NullMarked
package io.registry.bridge;

import org.jspecify.annotations.NullMarked;
