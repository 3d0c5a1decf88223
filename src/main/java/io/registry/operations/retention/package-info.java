/** The command that applies the rules of retention. */
@NullMarked
package io.registry.operations.retention;

import org.jspecify.annotations.NullMarked;
