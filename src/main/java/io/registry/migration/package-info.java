/** Moving over from the original: what its configuration and its environment mean here. */
@NullMarked
package io.registry.migration;

import org.jspecify.annotations.NullMarked;
