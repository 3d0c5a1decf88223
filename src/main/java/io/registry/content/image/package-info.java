/** Images: ids, ancestries, reading complete images, and receiving new ones. */
@NullMarked
package io.registry.content.image;

import org.jspecify.annotations.NullMarked;
