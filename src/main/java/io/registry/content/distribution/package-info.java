/**
 * Serves the tree of another registry where it lies: it is read as if it were in the layout of this
 * registry, and never changed.
 */
@NullMarked
package io.registry.content.distribution;

import org.jspecify.annotations.NullMarked;
