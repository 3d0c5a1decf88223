/** What is inside of layers: their files, and how they differ from those below. */
@NullMarked
package io.registry.contents;

import org.jspecify.annotations.NullMarked;
