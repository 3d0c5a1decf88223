/**
 * The mirror: fetches images and repositories from another V1 registry that the local store does
 * not have.
 */
@NullMarked
package io.registry.upstream.mirror;

import org.jspecify.annotations.NullMarked;
