/** Searching repositories: an index of their names and descriptions, filled from the store. */
@NullMarked
package io.registry.search;

import org.jspecify.annotations.NullMarked;
