/** Prepares all images of a store for V2, so that no pull has to wait for that. */
@NullMarked
package io.registry.operations.backfill;

import org.jspecify.annotations.NullMarked;
