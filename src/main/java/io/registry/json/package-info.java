/** JSON as the original wrote and read it: strict on the way in, byte for byte on the way out. */
@NullMarked
package io.registry.json;

import org.jspecify.annotations.NullMarked;
