/** What keeps content alive, so that the garbage collection does not remove it. */
@NullMarked
package io.registry.content.liveness;

import org.jspecify.annotations.NullMarked;
