/** Repositories: names, tags, image lists, visibility. */
@NullMarked
package io.registry.content.repository;

import org.jspecify.annotations.NullMarked;
