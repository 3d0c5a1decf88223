/** How the registry is doing. */
@NullMarked
package io.registry.ops;

import org.jspecify.annotations.NullMarked;
