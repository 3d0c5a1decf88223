/** Commands that carry images out of the registry's store and into it. */
@NullMarked
package io.registry.operations.transfer;

import org.jspecify.annotations.NullMarked;
