/** Images and repositories of another registry, for what is not here. */
@NullMarked
package io.registry.mirror;

import org.jspecify.annotations.NullMarked;
