/** Images: ids, ancestry, reading finished ones, taking in new ones. */
@NullMarked
package io.registry.image;

import org.jspecify.annotations.NullMarked;
