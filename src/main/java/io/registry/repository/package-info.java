/** Repositories: names, tags, image lists, visibility. */
@NullMarked
package io.registry.repository;

import org.jspecify.annotations.NullMarked;
