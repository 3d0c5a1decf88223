/** Ways through a whole store that take little memory, however large the store is. */
@NullMarked
package io.registry.content.walk;

import org.jspecify.annotations.NullMarked;
