/** Search for repositories: an index of their names and descriptions, built from the store. */
@NullMarked
package io.registry.features.search;

import org.jspecify.annotations.NullMarked;
