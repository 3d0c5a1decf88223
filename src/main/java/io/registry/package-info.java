/** The entry point: the only package that depends on all others; it assembles them. */
@NullMarked
package io.registry;

import org.jspecify.annotations.NullMarked;
