/** Remembering what is asked often. The cache is never the truth: the store is. */
@NullMarked
package io.registry.cache;

import org.jspecify.annotations.NullMarked;
