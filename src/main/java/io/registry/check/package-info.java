/** The command that looks through a whole store for damage, and repairs what is safe to repair. */
@NullMarked
package io.registry.check;

import org.jspecify.annotations.NullMarked;
