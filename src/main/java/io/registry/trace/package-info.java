/** The tracing interface, independent of the library that implements it. */
@NullMarked
package io.registry.trace;

import org.jspecify.annotations.NullMarked;
