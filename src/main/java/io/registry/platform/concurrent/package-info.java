/** Deadlines, work that threads share, and copies that another thread hashes. */
@NullMarked
package io.registry.platform.concurrent;

import org.jspecify.annotations.NullMarked;
