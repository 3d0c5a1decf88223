/** The command that checks a whole store for damage, and repairs what can be repaired safely. */
@NullMarked
package io.registry.operations.check;

import org.jspecify.annotations.NullMarked;
