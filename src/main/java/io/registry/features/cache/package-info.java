/** The caches, in memory and in Redis. Only this package uses Redis. */
@NullMarked
package io.registry.features.cache;

import org.jspecify.annotations.NullMarked;
