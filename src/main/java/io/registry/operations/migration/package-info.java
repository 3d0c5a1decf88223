/** Migration from the original: translates its configuration and its environment variables. */
@NullMarked
package io.registry.operations.migration;

import org.jspecify.annotations.NullMarked;
