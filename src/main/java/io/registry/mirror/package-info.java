/** Pulling through: what this registry does not have is fetched from another one. */
@NullMarked
package io.registry.mirror;

import org.jspecify.annotations.NullMarked;
