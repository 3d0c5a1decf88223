/** Deadlines, and work that threads share. */
@NullMarked
package io.registry.concurrent;

import org.jspecify.annotations.NullMarked;
